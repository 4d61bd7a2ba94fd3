//! What can be measured of a system under load, by name.

use lesson::Measure;
use loadgen::{Figures, Outcome, Run, Summary};

use crate::{
    connection_probe::Probes,
    counters::{at_work, uneven},
    freshness::Reads,
    measurement::Observations,
    sessions::Sessions,
};

/// What a load test found in one stage.
pub struct Measured {
    /// Of all endpoints together.
    pub figures: Figures,
    /// Measured during the load.
    pub seen: Observations,
    /// Rows of the lesson's table that its query reads; `None` without a query plan.
    pub rows_read: Option<u64>,
    /// Indexes of that table that PostgreSQL does not use.
    pub invalid_indexes: Vec<String>,
    /// Why the numbers must not be believed.
    pub why_invalid: Option<String>,
}

impl Measured {
    /// The figures of `run`, with the other measurements `seen`.
    pub fn of(run: &Run, seen: Observations) -> Self {
        let Summary { total, why_invalid, .. } = run.summary();
        Self { figures: total, seen, rows_read: None, invalid_indexes: Vec::new(), why_invalid }
    }

    /// What `measure` names; not a number where it was not measured.
    pub fn value(&self, measure: Measure) -> f64 {
        let Self { figures, seen, rows_read, .. } = self;
        let sessions = |value: fn(&Sessions) -> f64| seen.connections.as_ref().map(value);
        let value = match measure {
            Measure::SuccessRate => Some(figures.success_rate),
            Measure::OkPerS => Some(figures.ok_per_s),
            Measure::P99Ms => figures.latency_ms.map(|latency| latency.p99),
            Measure::ProbesRefused => seen.probes.as_ref().map(Probes::share_refused),
            Measure::StaleReads => seen.freshness.as_ref().map(Reads::share_stale),
            Measure::HitRate => seen.hit_rate,
            Measure::BrowseHitRate => seen.browse_hit_rate,
            Measure::Spread => Some(uneven(&seen.served)),
            // One that is alone did all there was to do.
            Measure::Servers => Some(at_work(&seen.served).max(1) as f64),
            Measure::ServerCores => seen.server_cores,
            Measure::ServerSize => seen.server_size,
            Measure::Namesakes => Some(seen.namesakes as f64),
            Measure::ConnectionsPerRequest => seen.connections_per_request,
            Measure::Connections => sessions(|sessions| sessions.open as f64),
            Measure::DifferentConnections => sessions(|sessions| sessions.different as f64),
            Measure::BusyConnections => sessions(|sessions| sessions.busy),
            Measure::KeptConnections => seen.connections.as_ref().and_then(Sessions::share_kept),
            Measure::RowsRead => rows_read.map(|rows| rows as f64),
        };
        value.unwrap_or(f64::NAN)
    }

    /// Whether nothing was served at all: then no figure is worth anything.
    pub fn is_idle(&self) -> bool {
        self.figures.ok == 0
    }

    /// Whether the service itself refused a request; an unavailable service does not answer at all.
    pub fn has_refused(&self) -> bool {
        self.figures.errors.get(&Outcome::Status5xx).is_some_and(|refused| refused.count > 0)
    }
}
