//! Starting and stopping child processes.

use std::{
    fmt::{self, Display, Formatter},
    fs::File,
    io,
    os::unix::{
        fs::OpenOptionsExt,
        process::{CommandExt, ExitStatusExt},
    },
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

/// Starts `command` in a process group of its own, with all its output appended to `log`, which only we can read.
///
/// # Errors
/// When the log cannot be written or the program cannot be started.
pub fn spawn(mut command: Command, log: &Path) -> anyhow::Result<Child> {
    let file = File::options()
        .create(true)
        .append(true)
        .mode(0o600)
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

/// How a process ended that should have kept running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "how", rename_all = "lowercase")]
pub enum Exit {
    /// By a signal.
    Killed {
        /// Its number.
        signal: i32,
    },
    /// On its own.
    Exited {
        /// Its exit code.
        code: i32,
    },
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match status.signal() {
            Some(signal) => Self::Killed { signal },
            None => Self::Exited { code: status.code().unwrap_or_default() },
        }
    }
}

impl Display for Exit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Killed { signal } => write!(f, "it was killed ({})", ExitStatus::from_raw(*signal)),
            // An exit code of 0 explains nothing; that of a container is Docker Compose's.
            Self::Exited { code: 0 } => f.write_str("it ended unexpectedly"),
            Self::Exited { code } => write!(f, "it ended unexpectedly (exit code {code})"),
        }
    }
}
