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
        needs::PROMETHEUS.require()?;
    }
    Ok(Report { needs: needs::all() })
}

impl Report {
    /// 0 when nothing is missing.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::from(self.needs.iter().any(|need| need.found.is_none())))
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for Need { name, found, install } in &self.needs {
            match found {
                Some(found) => writeln!(f, "  {name:<12} {found}")?,
                None => writeln!(f, "  {name:<12} MISSING: {install}")?,
            }
        }
        f.write_str(match self.needs.iter().all(|need| need.found.is_some()) {
            true => "Nothing is missing. Next: make scenario-1",
            false => "Next: install what is missing",
        })
    }
}
