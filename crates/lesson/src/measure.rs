//! What can be measured of a system under load, by name: claims and goals refer to it.

use serde::Deserialize;

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
    /// The same for one user before the load, who reads the same lists equally often in every run, without writes.
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
    /// How many of them were active on average.
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
            Self::Servers => "active servers",
            Self::ServerCores | Self::ServerSize => "cores",
            Self::Namesakes => "servers with the name of another one",
            Self::ConnectionsPerRequest => "connections per request",
            Self::Connections => "connections at once",
            Self::DifferentConnections => "different connections",
            Self::BusyConnections => "active connections",
            Self::KeptConnections => "of the connections",
            Self::RowsRead => "rows",
        }
    }
}
