//! When something happened: a load test measured, a server was started or ended. Bands and marks in the panels.

use project::events::Event;

use crate::saved_runs::SavedRun;

/// From when to when; a moment where both are the same.
#[derive(Clone, Debug)]
pub struct Period {
    /// In seconds since 1970.
    pub from_unix_s: u64,
    /// The same.
    pub to_unix_s: u64,
    /// What happened.
    pub label: String,
}

impl Period {
    /// While `run` measured.
    pub fn of_run(run: &SavedRun) -> Self {
        let from_unix_s = run.started_unix_s;
        let to_unix_s = from_unix_s + run.run.measured_s.ceil() as u64;
        Self { from_unix_s, to_unix_s, label: format!("run {}", run.run_id) }
    }

    /// The moment of `event`.
    pub fn of_event(event: &Event) -> Self {
        Self { from_unix_s: event.unix_s, to_unix_s: event.unix_s, label: event.what.clone() }
    }
}
