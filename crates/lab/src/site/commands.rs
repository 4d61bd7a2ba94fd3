//! Commands as they are typed, and what starts them from the page.

use std::{env, ffi::OsStr, process::Command};

use anyhow::Context;

use crate::project::Scenario;

/// `lab` with `arguments`, for this scenario and nobody's current one. Ctrl-C is what it gets when the page dies: a load
/// test keeps what it has measured until then.
///
/// # Errors
/// When the lab's own program is gone.
pub fn lab<S: AsRef<OsStr>>(
    scenario: &Scenario,
    arguments: impl IntoIterator<Item = S>,
) -> anyhow::Result<Command> {
    let lab = env::current_exe().context("cannot find the lab's own program")?;
    let mut command = pgcluster::dies_with_parent(&lab, "INT", None);
    command.args(arguments);
    at_home(scenario, &mut command);
    Ok(command)
}

fn at_home(scenario: &Scenario, command: &mut Command) {
    command
        .current_dir(&scenario.root)
        .env("LAB_DIR", &scenario.lab_dir)
        .env("LAB_SCENARIO", scenario.number.to_string());
}
