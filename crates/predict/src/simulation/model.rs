//! What is simulated, and what comes out.

use serde::{Deserialize, Serialize};

use super::Cpu;

/// A system and its load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The load.
    pub arrivals: Arrivals,
    /// Servers that share it, each in its turn.
    pub servers: usize,
    /// CPU of each of them; `None` when they compute on the machine of the database, all of them together.
    pub server_cpu: Option<Cpu>,
    /// Connections that each may hold.
    pub pool: usize,
    /// How long a request waits for one before it fails; `None` for as long as it takes.
    pub patience_s: Option<f64>,
    /// Connections that the database has to give to all of them together.
    pub slots: usize,
    /// Cores of the machine that the database runs on.
    pub cores: f64,
    /// What a request needs on average.
    pub demand: Demand,
}

/// How requests come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrivals {
    /// So many users, each with one request under way: whoever is answered asks again, after a pause of so many seconds
    /// on average.
    Users(usize, f64),
    /// So many per second, evenly spaced, as `lab load --rate` sends them.
    Even(f64),
    /// So many per second by chance, as people come who know nothing of each other.
    Random(f64),
}

/// What a request needs, in seconds: on average where it is CPU, always the same where it is a wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Demand {
    /// CPU of the load generator, on the machine of the database; 0 for users who have machines of their own.
    pub generator_s: f64,
    /// CPU of the server.
    pub server_s: f64,
    /// Share of the requests that need the database at all, 0 to 1.
    pub to_database: f64,
    /// CPU of the database, of a request that needs it.
    pub database_s: f64,
    /// What such a request waits for in the database (a disk, a commit), without using CPU.
    pub database_wait_s: f64,
    /// How long the program holds the connection besides, doing nothing.
    pub held_s: f64,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Good answers per second.
    pub ok_per_s: f64,
    /// Share of the requests that succeed, 0 to 1.
    pub success_rate: f64,
    /// How long the good answers take; `None` when there are none.
    pub latency: Option<Latency>,
    /// How long a request that needs the database waits for its connection, on average, in seconds.
    pub waiting_s: f64,
    /// Share of its CPU that the busiest server uses, 0 to 1.
    pub server_busy: f64,
    /// Share of the database machine's CPU that is used, 0 to 1.
    pub machine_busy: f64,
    /// Connections that are lent out on average, of all servers together.
    pub connections: f64,
    /// Servers for which the database had no connection at all.
    pub without_connection: usize,
}

/// Latencies in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Latency {
    /// Mean.
    pub mean: f64,
    /// Median.
    pub p50: f64,
    /// What 99 % do not exceed.
    pub p99: f64,
}

impl Latency {
    /// Of `all`, in any order; `None` of none.
    pub(super) fn of(mut all: Vec<f64>) -> Option<Self> {
        all.sort_by(f64::total_cmp);
        let quantile =
            |share: f64| all.get(((all.len() as f64 * share) as usize).min(all.len().saturating_sub(1)));
        Some(Self {
            mean: all.iter().sum::<f64>() / all.len() as f64,
            p50: *quantile(0.5)?,
            p99: *quantile(0.99)?,
        })
    }
}
