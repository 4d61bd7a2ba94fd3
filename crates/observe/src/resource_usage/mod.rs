//! Where the time of a load test went, and what that shows to be the bottleneck.
//!
//! The parts are put together from what each counts of itself: the program its waits and queries (`/metrics`),
//! PostgreSQL its CPU, statements and waits, the load generator the latency that users saw.

mod concurrent_load;
mod bottleneck;
mod collect;
mod postgres;
mod sentences;
mod report;

use std::collections::BTreeMap;

use project::transactions::OpenTransaction;
use serde::{Deserialize, Serialize};

pub use crate::resource_usage::bottleneck::Bottleneck;
pub use crate::resource_usage::collect::{Collected, Collector};
pub use crate::resource_usage::postgres::Statement;

use crate::query_plan::Scan;

/// Where the time of one run went.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ResourceUsage {
    /// The evidence.
    #[serde(flatten)]
    pub evidence: Evidence,
    /// The bottleneck that it shows; `None` when the run is invalid.
    pub bottleneck: Option<Bottleneck>,
}

/// All evidence of one run; `None` for what could not be measured.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Evidence {
    /// How long it was looked at, in seconds: a little longer than the load took, its warm-up included.
    pub elapsed_s: f64,
    /// Requests that ended while it was measured.
    pub requests: u64,
    /// Share of them that failed, 0 to 1.
    pub failed: f64,
    /// Mean time from asking to being answered, errors included, in milliseconds.
    pub latency_ms: f64,
    /// The servers, all of them together.
    pub program: Option<Program>,
    /// PostgreSQL.
    pub database: Option<Database>,
    /// CPU of nginx and Redis, in cores, by service, without services that could not be read.
    pub beside: BTreeMap<String, f64>,
    /// This machine.
    pub machine: Option<Machine>,
    /// The load generator.
    pub generator: Generator,
}

/// The servers' own metrics; times are means per request, in milliseconds.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Program {
    /// How many they are.
    pub servers: usize,
    /// Requests that they answered.
    pub requests: u64,
    /// From the head of a request to its answer.
    pub in_program_ms: f64,
    /// Of that, waiting for a connection to the database.
    pub waiting_ms: f64,
    /// Of that, waiting for the answers to queries.
    pub querying_ms: f64,
    /// Connections that were asked for, per request.
    pub checkouts: f64,
    /// Share of the requests that got no connection in time, 0 to 1.
    pub timeouts: f64,
    /// Connections that all pools together may hold; `None` where no pool outlives a request.
    pub pool: Option<u64>,
    /// CPU that they used, in cores.
    pub cpu_cores: f64,
    /// CPU that they may use: their caps, or a core for each thread that serves.
    pub cpu_limit_cores: f64,
    /// Whether that is a cap.
    pub is_capped: bool,
    /// Share of the periods in which a CPU cap stopped the server that it stopped most, 0 to 1; also a cap that the lab
    /// does not know.
    pub throttled: f64,
}

/// What PostgreSQL shows of itself.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Database {
    /// CPU of all its processes, in cores; `None` where it cannot read `/proc`.
    pub cpu_cores: Option<f64>,
    /// Connections that it has for those who are no superuser.
    pub slots: usize,
    /// The most that the program had at once.
    pub open: usize,
    /// How many different ones were seen.
    pub different: usize,
    /// How many it had on average.
    pub open_mean: f64,
    /// How many of those were active on average, including waits for a disk or a lock.
    pub busy: f64,
    /// Wait events of the active ones, and how many waited on average: `LWLock WALWrite`, 1.9. The largest first.
    pub waits: Vec<(String, f64)>,
    /// Transactions that were open for long, of the program and of others.
    pub old_transactions: Vec<OpenTransaction>,
    /// The statements that took most time, the largest first; empty without `pg_stat_statements`.
    pub statements: Vec<Statement>,
    /// How the lesson's query reads its table.
    pub scan: Option<TableScan>,
}

/// A scan and its table.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TableScan {
    /// The table.
    pub table: String,
    /// How it is read.
    #[serde(flatten)]
    pub scan: Scan,
}

/// CPU of the whole machine, used by any program.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Machine {
    /// What there is.
    pub cores: f64,
    /// What was used on average.
    pub busy_cores: f64,
}

/// CPU of the load generator.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Generator {
    /// Of all its threads, in cores.
    pub cores: f64,
    /// Of the busiest one, 0 to 1.
    pub busy: f64,
}

/// A part of the time that a request takes.
pub struct Part {
    /// For people.
    pub name: &'static str,
    /// Its class in the report's style.
    pub class: &'static str,
    /// Mean per request.
    pub ms: f64,
}

impl ResourceUsage {
    /// The evidence of a run. Where the load generator did not do what the plan asked, it shows nothing of the service.
    fn of(evidence: Evidence, is_valid: bool) -> Self {
        Self { bottleneck: is_valid.then(|| bottleneck::of(&evidence)), evidence }
    }
}

impl Evidence {
    /// The parts of the mean latency; `None` if the program reports no timings.
    pub fn parts(&self) -> Option<[Part; 4]> {
        let program = self.program.as_ref()?;
        let inside = (program.in_program_ms - program.waiting_ms - program.querying_ms).max(0.0);
        let before = (self.latency_ms - program.in_program_ms).max(0.0);
        // The program counts the warm-up as well, so its times may be a little larger than the users'.
        let scale = (self.latency_ms / program.in_program_ms.max(f64::MIN_POSITIVE)).min(1.0);
        let part = |name, class, ms: f64| Part { name, class, ms: scale * ms };
        Some([
            part("network, and queueing before the program", "way", before),
            part("waiting for a connection", "waiting", program.waiting_ms),
            part("in the database", "querying", program.querying_ms),
            part("in the program", "inside", inside),
        ])
    }

    /// CPU by user, in cores. The rest of the machine's CPU belongs to other programs.
    pub fn cpu(&self) -> Vec<(&str, f64)> {
        let program = self.program.as_ref().map(|program| ("the program", program.cpu_cores));
        let database = self.database.as_ref().and_then(|database| database.cpu_cores);
        let known = [program, database.map(|cores| ("PostgreSQL", cores))];
        let mut cpu: Vec<_> = known.into_iter().flatten().collect();
        cpu.extend(self.beside.iter().map(|(name, cores)| (&**name, *cores)));
        cpu.push(("the load generator", self.generator.cores));
        cpu.extend(self.others().map(|(cores, _)| ("everything else", cores)));
        cpu
    }

    /// Cores of the machine that other programs used, and how many there are.
    fn others(&self) -> Option<(f64, f64)> {
        let program = self.program.as_ref().map_or(0.0, |program| program.cpu_cores);
        let database = self.database.as_ref().and_then(|database| database.cpu_cores).unwrap_or_default();
        let ours = program + database + self.beside.values().sum::<f64>() + self.generator.cores;
        self.machine.map(|machine| ((machine.busy_cores - ours).max(0.0), machine.cores))
    }

    /// A sentence that other programs (the lab included) kept the machine busy; `None` if they used little CPU.
    pub fn crowded(&self) -> Option<String> {
        const CROWD: f64 = 0.3;
        let (used, cores) = self.others()?;
        (used > CROWD * cores).then(|| format!("other programs used {used:.1} of its {cores} cores"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_run_names_no_bottleneck_in_json_or_text() {
        let usage = |is_valid| ResourceUsage::of(Evidence { requests: 100, ..Evidence::default() }, is_valid);
        assert!(usage(true).to_string().contains("The bottleneck: "));
        let invalid = usage(false);
        assert!(!invalid.to_string().contains("The bottleneck: "), "{invalid}");
        assert!(invalid.to_string().contains("No bottleneck is named: this run is invalid."), "{invalid}");
        assert!(serde_json::to_value(invalid).unwrap()["bottleneck"].is_null());
    }
}
