//! A build that runs while the old program keeps serving.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::{cargo, plan::Build, project::Scenario, state::Build as State};

/// A compiler under way; dropping it ends it.
pub struct Rebuild {
    cargo: Child,
    log: PathBuf,
}

impl Rebuild {
    /// Starts to build `programs`.
    ///
    /// # Errors
    /// When cargo cannot be started or its output not be written.
    pub fn start(scenario: &Scenario, programs: &[Build]) -> anyhow::Result<Self> {
        let log = scenario.log("build");
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let cargo = with_parent(cargo::command(&scenario.root, programs))
            .arg("--quiet")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .context("cannot start cargo")?;
        Ok(Self { cargo, log })
    }

    /// What came of it; `None` while it is under way.
    pub fn finished(&mut self) -> Option<State> {
        match self.cargo.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) if status.success() => Some(State::Current),
            _ => {
                let said = fs::read_to_string(&self.log);
                let message =
                    said.unwrap_or_else(|error| format!("cargo failed, and its log is gone: {error}"));
                Some(State::Failed { message })
            }
        }
    }
}

impl Drop for Rebuild {
    /// Cargo and the compilers that it started: they would go on writing while the next build reads.
    fn drop(&mut self) {
        // All of them may have ended by themselves.
        let _ = kill_process_group(Pid::from_child(&self.cargo), Signal::KILL);
        let _ = self.cargo.wait();
    }
}

/// `command`, ended with us.
fn with_parent(command: Command) -> Command {
    let mut wrapped = pgcluster::dies_with_parent(command.get_program().as_ref(), "KILL", None);
    wrapped.args(command.get_args());
    if let Some(dir) = command.get_current_dir() {
        wrapped.current_dir(dir);
    }
    wrapped
}
