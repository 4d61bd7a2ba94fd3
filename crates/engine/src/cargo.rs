//! Builds programs of this checkout.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use compose::service_spec::Build;
use serde::Deserialize;

/// The command that builds `programs`; its standard output is for [`executables`].
///
/// Binaries are named without their packages: what they stand on is then compiled with the features that the whole
/// workspace needs, once, and not again for each scenario.
pub fn command(root: &Path, programs: &[Build]) -> Command {
    let mut command = Command::new("cargo");
    // The messages contain the paths of the executables, in any target directory that the learner has set.
    command.current_dir(root).args(["build", "--message-format=json-render-diagnostics"]);
    for Build { package, bin, .. } in programs {
        command.args(["--bin", bin]);
        if bin.ends_with("-solution") {
            command.arg(format!("--features={package}/solution"));
        }
    }
    if programs.iter().any(|program| program.release) {
        command.arg("--release");
    }
    command
}

/// Builds `programs` with cargo's own progress on standard error and returns their executables, by name.
///
/// # Errors
/// When one does not compile; the compiler has already printed why.
pub fn build(root: &Path, programs: &[Build]) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    if programs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let output = command(root, programs)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo; is Rust installed?")?;
    if !output.status.success() {
        bail!("the program does not compile (see above); fix it and run the same command again");
    }
    Ok(executables(&String::from_utf8_lossy(&output.stdout)))
}

/// The executables that cargo's messages (one JSON object a line) report, by name.
pub fn executables(messages: &str) -> BTreeMap<String, PathBuf> {
    #[derive(Deserialize)]
    struct Message {
        executable: PathBuf,
        target: Target,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    messages
        .lines()
        // Most messages are about something else.
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .map(|message| (message.target.name, message.executable))
        .collect()
}
