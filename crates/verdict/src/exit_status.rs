//! The exit status of the lab's commands.

use std::process::ExitCode;

use crate::claims::Verdict;

/// The exit codes of `lab`, and of no other program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// Done, or PASS.
    Success = 0,
    /// FAIL.
    Fail = 1,
    /// The lab could not do its work; its message says why and what to do.
    Error = 2,
    /// The measurement proves nothing: too few samples, a busy machine, a saturated generator.
    Inconclusive = 3,
}

impl ExitStatus {
    /// As the kernel has it.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Verdict> for ExitStatus {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Success,
            Verdict::Fail => Self::Fail,
            Verdict::Inconclusive => Self::Inconclusive,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
