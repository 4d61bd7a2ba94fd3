//! `lab solution`: what the reference solution changes.

use anyhow::ensure;
use project::Scenario;
use verdict::{
    progress,
    solution::{Solution, diff},
};

/// Compares the learner's current files with those of the reference.
///
/// # Errors
/// When a file cannot be read, or an instructor has locked solutions.
pub fn run(scenario: &Scenario) -> anyhow::Result<Solution> {
    ensure!(
        !progress::is_locked(scenario)?,
        "the solution is locked until your own passes; next: make check, and make hint"
    );
    diff(scenario)
}
