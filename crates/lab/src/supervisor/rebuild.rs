//! A build that runs while the old program keeps serving.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::Context;

use crate::{cargo, plan::Program, project::Scenario, state::Build};

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
    pub fn start(scenario: &Scenario, programs: &[&Program]) -> anyhow::Result<Self> {
        let log = scenario.log("build");
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let cargo = with_parent(cargo::command(&scenario.root, programs))
            .arg("--quiet")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .context("cannot start cargo")?;
        Ok(Self { cargo, log })
    }

    /// What came of it; `None` while it is under way.
    pub fn finished(&mut self) -> Option<anyhow::Result<Build>> {
        let status = self
            .cargo
            .try_wait()
            .context("cannot wait for cargo")
            .transpose()?;
        Some(status.and_then(|status| {
            if status.success() {
                return Ok(Build::Current);
            }
            let message = fs::read_to_string(&self.log).context("cannot read what the compiler said")?;
            Ok(Build::Failed { message })
        }))
    }
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.cargo.kill();
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
