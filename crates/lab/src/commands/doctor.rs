//! `lab doctor`: what this machine lacks, and the command that brings it.

use std::{
    fmt::{self, Display, Formatter},
    process::ExitCode,
};

use serde::Serialize;

use crate::needs::{self, Need};

/// Everything that is needed.
#[derive(Debug, Serialize)]
pub struct Report {
    needs: Vec<Need>,
}

/// Looks at the machine; with `install` the servers are installed first, where they are missing and we may.
///
/// # Errors
/// When it cannot be installed.
pub fn run(install: bool) -> anyhow::Result<Report> {
    if install {
        needs::postgres()?;
        needs::NGINX.require()?;
        needs::REDIS.require()?;
        if let Err(error) = needs::PROMETHEUS.require() {
            eprintln!("the dashboards stay empty: {error:#}");
        }
    }
    Ok(Report { needs: needs::all() })
}

impl Report {
    /// 0 when nothing is missing that a lesson needs.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(!self.is_complete()))
    }

    fn is_complete(&self) -> bool {
        self.needs.iter().all(|need| need.found.is_some() || need.optional)
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for Need { name, found, install, optional } in &self.needs {
            match found {
                Some(found) => writeln!(f, "  {name:<12} {found}")?,
                None if *optional => {
                    writeln!(f, "  {name:<12} missing, and only the dashboards need it: {install}")?
                }
                None => writeln!(f, "  {name:<12} MISSING: {install}")?,
            }
        }
        f.write_str(match self.is_complete() {
            true => "Everything is there that the lessons need. Next: make scenario-1",
            false => "Next: install what is missing",
        })
    }
}
