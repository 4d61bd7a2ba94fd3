//! The bottleneck of a system, decided from the evidence alone.
//!
//! A resource at its limit makes requests wait elsewhere too, so the first question is which resource is used up, and only
//! then where the requests wait. The order matters: a program may wait for a full pool because PostgreSQL's CPU is used
//! up.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

use crate::resource_usage::{
    Database, Evidence, Program,
    sentences::{
        MANY, MOSTLY, THROTTLED, computing, connections, database_cpu, locks, machine, nothing,
        old_transactions, pool, waiting,
    },
};

/// From this share of used CPU on there is none to spare: the rest lies between two requests.
const USED_UP: f64 = 0.85;

/// The same of the whole machine. It is read from before the warm-up until after the last answer, and at both ends there is
/// nothing to do: one that was full while it was measured comes to 0.8 of a short run.
const MACHINE_USED_UP: f64 = 0.75;

/// The resource that is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// PostgreSQL has no connection left to give.
    Connections,
    /// The program's pool is too small for how long its connections are held.
    Pool,
    /// The program's CPU.
    Program,
    /// PostgreSQL's CPU.
    Database,
    /// Lock waits.
    Locks,
    /// The CPU of the machine, which all of them share.
    Machine,
    /// Nothing: the load was smaller than what can be served.
    Nothing,
    /// Inconclusive. Older runs named the load generator, where a run is invalid today.
    #[serde(alias = "generator")]
    Unknown,
}

/// What keeps the system from serving more, in a sentence that names its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Bottleneck {
    /// Which.
    pub kind: Kind,
    /// For people.
    pub sentence: String,
}

impl Display for Bottleneck {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// Names the bottleneck, and the transactions that were open for long meanwhile.
pub(super) fn of(seen: &Evidence) -> Bottleneck {
    let Bottleneck { kind, sentence } = decide(seen);
    Bottleneck { kind, sentence: sentence + &old_transactions(seen) }
}

fn decide(seen: &Evidence) -> Bottleneck {
    let found = |kind, sentence| Bottleneck { kind, sentence };
    if seen.requests == 0 {
        return found(Kind::Unknown, "Inconclusive: no request ended.".to_owned());
    }
    let (Some(program), Some(database)) = (&seen.program, &seen.database) else {
        return without_counters(seen);
    };
    let waits = program.timeouts >= MANY || program.waiting_ms >= MOSTLY * seen.latency_ms;
    // Between two looks, and while they are being opened, some are in no count.
    let all_taken = database.open as f64 >= 0.9 * database.slots as f64;
    if program.timeouts >= MANY && (all_taken || program.pool.is_none()) {
        return found(Kind::Connections, connections(program, database));
    }
    let is_throttled = program.throttled >= THROTTLED;
    if is_throttled || program.cpu_cores >= USED_UP * program.cpu_limit_cores {
        return found(Kind::Program, computing(seen, program));
    }
    let at_work = database.busy.max(1.0);
    if waiting(database, |event| event.starts_with("Lock ")) >= 0.5 * at_work {
        return found(Kind::Locks, locks(database));
    }
    let is_pool = waits && has_full_pool(program, database);
    // A disk that is waited for does not get faster with more CPU.
    if is_pool && waiting(database, |event| !event.starts_with("Client ")) >= 0.5 * at_work {
        return found(Kind::Pool, pool(seen, program, database));
    }
    if is_database_cpu(seen, database) {
        return found(Kind::Database, database_cpu(seen, database));
    }
    // Without free CPU, connections may be idle because no request gets to use them.
    if is_pool && !machine_is_full(seen) {
        return found(Kind::Pool, pool(seen, program, database));
    }
    if machine_is_full(seen) {
        return found(Kind::Machine, machine(seen));
    }
    found(Kind::Nothing, nothing(seen))
}

fn without_counters(seen: &Evidence) -> Bottleneck {
    if machine_is_full(seen) {
        return Bottleneck { kind: Kind::Machine, sentence: machine(seen) };
    }
    let sentence = "Inconclusive: the program or PostgreSQL reports no timings.".to_owned();
    Bottleneck { kind: Kind::Unknown, sentence }
}

/// Whether PostgreSQL uses most of the CPU that we use, on a machine that has none left. CPU of other programs does not
/// count here.
fn is_database_cpu(seen: &Evidence, database: &Database) -> bool {
    let postgres = database.cpu_cores.unwrap_or_default();
    let program = seen.program.as_ref().map_or(0.0, |program| program.cpu_cores);
    // If it is short of CPU, queries queue for it: at every sample some are active.
    machine_is_full(seen) && database.busy >= 1.0 && postgres > program + seen.generator.cores
}

/// Whether the program had all the connections that it may have, most of the time.
fn has_full_pool(program: &Program, database: &Database) -> bool {
    // Each request has its own pool: no connection is ever returned.
    program.pool.is_none_or(|pool| database.open_mean >= 0.8 * pool as f64)
}

fn machine_is_full(seen: &Evidence) -> bool {
    seen.machine.is_some_and(|machine| machine.busy_cores >= MACHINE_USED_UP * machine.cores)
}

#[cfg(test)]
mod tests;
