//! What can be measured of a system under load, by name.

use loadgen::{Figures, Outcome, Run, Summary};
use serde::Deserialize;

use crate::commands::{
    counters::{at_work, uneven},
    freshness::Reads,
    measure::Seen,
    probe::Probes,
    sessions::Sessions,
};

/// What a claim is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Share of the started requests that succeeded, 0 to 1.
    SuccessRate,
    /// Successes per second.
    OkPerS,
    /// What 99 % of the successes did not exceed.
    P99Ms,
    /// Share of the other client's attempts that the database refused, 0 to 1.
    ProbesRefused,
    /// Share of the reads after one's own write that did not know of it, 0 to 1.
    StaleReads,
    /// Share of the answers that came from a cache, 0 to 1.
    HitRate,
    /// The same, of a user who asked for the same lists as often as in any other run, while nobody wrote.
    BrowseHitRate,
    /// How much more than its share the busiest server had to serve, 0 to n - 1.
    Spread,
    /// Servers that took at least half of their share.
    Servers,
    /// CPU that the busiest server used, in cores.
    ServerCores,
    /// CPU that the largest server may use, in cores.
    ServerSize,
    /// Servers that call themselves what another one does.
    Namesakes,
    /// Connections that the servers were asked to open per request, 0 to 1.
    ConnectionsPerRequest,
    /// Most connections that the program had to the database at once.
    Connections,
    /// How many different ones it had.
    DifferentConnections,
    /// How many of them were at work on average.
    BusyConnections,
    /// Share of the connections that were still open a pause of 3 s after the load, 0 to 1.
    KeptConnections,
    /// Rows that the lesson's query reads from its table.
    RowsRead,
}

impl Measure {
    /// What a number of it is followed by.
    pub fn unit(self) -> &'static str {
        match self {
            Self::SuccessRate => "of all requests",
            Self::OkPerS => "per second",
            Self::P99Ms => "ms",
            Self::ProbesRefused => "of the probes",
            Self::StaleReads => "of the reads after a write",
            Self::HitRate | Self::BrowseHitRate => "of the answers",
            Self::Spread => "above an even share",
            Self::Servers => "servers at work",
            Self::ServerCores | Self::ServerSize => "cores",
            Self::Namesakes => "servers with the name of another",
            Self::ConnectionsPerRequest => "connections per request",
            Self::Connections => "connections at once",
            Self::DifferentConnections => "different connections",
            Self::BusyConnections => "connections at work",
            Self::KeptConnections => "of the connections",
            Self::RowsRead => "rows",
        }
    }
}

/// What a load test found in one stage.
pub struct Measured {
    /// Of all endpoints together.
    pub figures: Figures,
    /// Beside the load.
    pub seen: Seen,
    /// Rows of the lesson's table that its query reads; `None` where nobody looked at the plan.
    pub rows_read: Option<u64>,
    /// Why the numbers must not be believed.
    pub why_invalid: Option<String>,
}

impl Measured {
    /// What `run` found, and what was seen beside it.
    pub fn of(run: &Run, seen: Seen) -> Self {
        let Summary { total, why_invalid, .. } = run.summary();
        Self { figures: total, seen, rows_read: None, why_invalid }
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

    /// Whether the service itself said no to somebody: one that is away answers nothing.
    pub fn has_refused(&self) -> bool {
        self.figures.errors.get(&Outcome::Status5xx).is_some_and(|refused| refused.count > 0)
    }
}
