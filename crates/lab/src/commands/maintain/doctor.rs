//! `lab doctor`: what this machine lacks, and the command that brings it.

use std::fmt::{self, Display, Formatter};

use engine::needs::{self, Need};
use serde::Serialize;
use verdict::exit_status::ExitStatus;

/// Everything that is needed.
#[derive(Debug, Serialize)]
pub struct DoctorReport {
    needs: Vec<Need>,
}

/// Looks at the machine; with `install` the servers are installed first, where they are missing and we may.
///
/// # Errors
/// When it cannot be installed.
pub fn run(install: bool) -> anyhow::Result<DoctorReport> {
    if install {
        needs::postgres()?;
        needs::NGINX.require()?;
        needs::REDIS.require()?;
        if let Err(error) = needs::PROMETHEUS.require() {
            eprintln!("the dashboards stay empty: {error:#}");
        }
    }
    Ok(DoctorReport { needs: needs::all() })
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
        f.write_str(match self.is_complete() {
            true => "Everything that the lessons need is installed. Next: start a scenario of README.md",
            false => {
                "Next: run `cargo lab doctor --install`, which installs the missing servers; install the rest with \
                the commands above"
            }
        })
    }
}
