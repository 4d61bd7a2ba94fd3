//! Which process is meant: a process id alone may belong to another process by now.

use std::fs;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

/// Identifies a process for certain: the kernel reuses ids, so an id alone may belong to another process by now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Identity {
    /// Process id.
    pub pid: u32,
    /// Since when it runs, in clock ticks after the boot.
    start_ticks: u64,
    /// Which boot.
    boot_id: String,
}

impl Identity {
    /// The process that has `pid` now; `None` if it does not exist.
    pub fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The state is field 3, the start 22.
        let mut fields = from_the_third(&stat)?;
        if fields.next()? == "Z" {
            return None;
        }
        let start_ticks = fields.nth(18)?.parse().ok()?;
        let boot_id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned();
        Some(Self { pid, start_ticks, boot_id })
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        Self::of(self.pid).as_ref() == Some(self)
    }

    /// Whether it was stopped by a signal (STOP, or Ctrl-Z) and does nothing until it gets CONT.
    pub fn is_stopped(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        let state = from_the_third(&stat).and_then(|mut fields| fields.next());
        matches!(state, Some("T" | "t")) && self.is_alive()
    }

    /// The processes that it started and that still run.
    pub fn children(&self) -> Vec<Self> {
        let list = format!("/proc/{0}/task/{0}/children", self.pid);
        let pids = fs::read_to_string(list).unwrap_or_default();
        pids.split_whitespace().filter_map(|pid| Self::of(pid.parse().ok()?)).collect()
    }

    /// Sends `signal` if it still runs.
    pub fn signal(&self, signal: Signal) {
        let Some(pid) = Pid::from_raw(self.pid.cast_signed()) else { return };
        // What the descriptor means stays the same from here on; then it is asked whether it is the one.
        let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else { return };
        if self.is_alive() {
            // It may have ended just now.
            let _ = pidfd_send_signal(process, signal);
        }
    }
}

/// The fields of a `/proc/pid/stat`, from the third: the second is a name in parentheses, which may hold anything.
///
/// Source: proc(5).
pub fn from_the_third(stat: &str) -> Option<impl Iterator<Item = &str>> {
    Some(stat.rsplit_once(')')?.1.split_whitespace())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_is_alive_until_it_ends_stopped_or_not_and_its_number_alone_proves_nothing() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let identity = Identity::of(child.id()).unwrap();
        assert!(identity.is_alive());
        assert!(!Identity { start_ticks: 1, ..identity.clone() }.is_alive());
        assert!(!identity.is_stopped());
        identity.signal(Signal::STOP);
        while !identity.is_stopped() {
            assert!(identity.is_alive());
        }
        identity.signal(Signal::KILL);
        child.wait().unwrap();
        assert!(!identity.is_alive());
    }
}
