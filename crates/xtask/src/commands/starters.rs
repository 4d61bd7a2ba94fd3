//! `cargo xtask starters`: writes the sums of the files that a learner edits, by which the lab knows what they were.

use std::fs;

use anyhow::Context;
use project::Project;

use crate::tidy::starters::sums;

/// Writes `starter.sha256` of each scenario.
///
/// # Errors
/// When a lesson cannot be read, or a list cannot be written.
pub fn run() -> anyhow::Result<bool> {
    for scenario in Project::find()?.scenarios() {
        let list = scenario.starter_list();
        fs::write(&list, sums(&scenario)?).with_context(|| format!("cannot write {}", list.display()))?;
    }
    Ok(true)
}
