//! `lab doctor`: what this machine lacks, and the command that brings it; also whether the disk has room, and whether the
//! lab may cap the CPU of a server.

use std::fmt::{self, Display, Formatter};

use anyhow::Context;
use engine::needs::{self, Need};
use process::cgroup;
use project::{Project, container};
use rustix::fs::statvfs;
use serde::Serialize;
use verdict::exit_status::ExitStatus;

/// A checkout with its builds and the data of all scenarios has about this much.
const ENOUGH_DISK_BYTES: u64 = 3_000_000_000;

/// Everything that is needed.
#[derive(Debug, Serialize)]
pub struct DoctorReport {
    needs: Vec<Need>,
    /// Of the file system of the checkout.
    free_disk_bytes: u64,
    /// Why the lab cannot cap the CPU of a server, and what to do; `None` when it can.
    no_cpu_caps: Option<String>,
}

/// Looks at the machine; with `install` the servers are installed first, where they are missing and we may.
///
/// # Errors
/// When it cannot be installed.
pub fn run(project: &Project, install: bool) -> anyhow::Result<DoctorReport> {
    if install {
        needs::postgres()?;
        needs::NGINX.require()?;
        needs::REDIS.require()?;
        if let Err(error) = needs::PROMETHEUS.require() {
            eprintln!("the dashboards stay empty: {error:#}");
        }
    }
    let disk = statvfs(&project.root).context("cannot ask how much of the disk is free")?;
    Ok(DoctorReport {
        needs: needs::all(),
        free_disk_bytes: disk.f_bavail * disk.f_frsize,
        no_cpu_caps: cgroup::try_out().err().map(|error| advice(&error, container::is_here())),
    })
}

/// What to do where the lab cannot cap the CPU of a server.
fn advice(error: &anyhow::Error, in_container: bool) -> String {
    if in_container {
        // Source: Docker Engine 28.0, release notes; `docker run`, "Security configuration".
        "the lab's container may not set them; on the host, run LAB_CONTAINER_OPTIONS='--security-opt \
        writable-cgroups=true' make scenario-N (with a Docker older than 28: --privileged)"
            .to_owned()
    } else {
        format!("{error:#}")
    }
}

impl DoctorReport {
    /// Fail when something is missing that a lesson needs.
    pub fn exit_status(&self) -> ExitStatus {
        if self.is_complete() { ExitStatus::Success } else { ExitStatus::Fail }
    }

    fn is_complete(&self) -> bool {
        self.needs.iter().all(|need| need.found.is_some() || need.optional)
    }
}

impl Display for DoctorReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for Need { name, found, install, optional } in &self.needs {
            match found {
                Some(found) => writeln!(f, "  {name:<12} {found}")?,
                None if *optional => {
                    writeln!(f, "  {name:<12} missing; only the dashboards need it: {install}")?
                }
                None => writeln!(f, "  {name:<12} MISSING: {install}")?,
            }
        }
        if self.free_disk_bytes < ENOUGH_DISK_BYTES {
            let (free, enough) = (format::bytes(self.free_disk_bytes), format::bytes(ENOUGH_DISK_BYTES));
            writeln!(f, "  {:<12} LOW: {free} are free, the lab needs {enough}: cargo lab clean", "disk")?;
        }
        match &self.no_cpu_caps {
            None => writeln!(f, "  {:<12} can be set", "CPU caps")?,
            Some(why) => {
                writeln!(f, "  {:<12} MISSING: lessons that cap a server need them: {why}", "CPU caps")?;
            }
        }
        f.write_str(match self.is_complete() {
            true => "Everything that the lessons need is installed. Next: start a scenario of README.md",
            false => {
                "Next: run `cargo lab doctor --install`, which installs the missing servers; install the rest with \
                the commands above"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_labs_container_names_the_option_that_it_lacks() {
        let error = anyhow::anyhow!("no cgroup version 2");
        assert!(
            advice(&error, true).contains("LAB_CONTAINER_OPTIONS='--security-opt writable-cgroups=true'")
        );
        assert_eq!(advice(&error, false), "no cgroup version 2");
    }
}
