//! When a load test measured: a band behind the lines of the panels.

use crate::saved_runs::SavedRun;

/// From when to when.
#[derive(Clone, Debug)]
pub struct LoadPeriod {
    /// In seconds since 1970.
    pub from_unix_s: u64,
    /// The same.
    pub to_unix_s: u64,
    /// Which load test.
    pub label: String,
}

impl LoadPeriod {
    /// That of `run`.
    pub fn of(run: &SavedRun) -> Self {
        let from_unix_s = run.started_unix_s;
        let to_unix_s = from_unix_s + run.run.measured_s.ceil() as u64;
        Self { from_unix_s, to_unix_s, label: format!("run {}", run.run_id) }
    }
}
