//! `lab compare`: two runs, and whether they differ by more than chance and this machine's noise.

use project::Scenario;
use verdict::exit_status::ExitStatus;
use view::comparison::{self, Comparison, is_inconclusive};

use crate::cli::Compare;

/// Compares two runs of `scenario`: the ones that are named, or the last two.
///
/// # Errors
/// When a run does not exist, or the runs differ in load, data, build profile or machine.
pub fn run(scenario: &Scenario, arguments: &Compare) -> anyhow::Result<Comparison> {
    comparison::of_runs(scenario, &arguments.runs, arguments.anyway)
}

/// Inconclusive when it stays open which of the two serves more.
pub fn exit_status(comparison: &Comparison) -> ExitStatus {
    if is_inconclusive(&comparison.changes) { ExitStatus::Inconclusive } else { ExitStatus::Success }
}
