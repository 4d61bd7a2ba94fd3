//! Which process is meant, and how it is stopped.

use std::{
    fs::{self, File},
    io,
    os::unix::process::{CommandExt, ExitStatusExt},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

/// A process beyond doubt. Process ids are used again, so an id alone may be somebody else by now.
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
    /// The process that has `pid` now; `None` when there is none.
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

/// Starts `command` in a process group of its own, with all its output appended to `log`.
///
/// # Errors
/// When the log cannot be written or the program cannot be started.
pub fn spawn(mut command: Command, log: &Path) -> anyhow::Result<Child> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write {}", log.display()))?;
    let again = file.try_clone()?;
    command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(again)
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))
}

/// Sends `signal`, waits up to `patience` and then kills. The child is reaped in any case.
///
/// # Errors
/// When the child cannot be waited for.
pub async fn stop(child: &mut Child, signal: Signal, patience: Duration) -> io::Result<ExitStatus> {
    let deadline = Instant::now() + patience;
    let pid = Pid::from_child(child);
    // Not reaped yet, so the id is still its own; a zombie takes the signal without harm.
    let _ = kill_process(pid, signal);
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        sleep(Duration::from_millis(10)).await;
    }
    let _ = kill_process(pid, Signal::KILL);
    child.wait()
}

/// The end of a process that should have gone on. A status of 0 tells nothing, and a container's is Compose's.
pub fn in_words(status: ExitStatus) -> String {
    match status.signal() {
        Some(_) => format!("it was killed ({status})"),
        None if status.success() => "it ended by itself".to_owned(),
        None => format!("it ended by itself ({status})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_alive_until_it_ends_and_its_number_alone_proves_nothing() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let identity = Identity::of(child.id()).unwrap();
        assert!(identity.is_alive());
        assert!(!Identity { start_ticks: 1, ..identity.clone() }.is_alive());
        identity.signal(Signal::KILL);
        child.wait().unwrap();
        assert!(!identity.is_alive());
    }
}
