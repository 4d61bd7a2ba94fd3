//! What a request needs, computed from the evidence of a run.

use observe::resource_usage::{Database, Evidence, Program};
use predict::{Cpu, Demand};

/// Below this share of used CPU no process waits long for a core, and a connection that does not compute waits.
const ROOMY: f64 = 0.85;

/// From this share of active connections that wait for something other than a core, all are assumed to.
const MANY: f64 = 0.25;

/// Pauses of the program that are shorter are only its turn with other requests.
const PAUSE_MS: f64 = 5.0;

/// The evidence of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// What a request needs.
    pub demand: Demand,
    /// Connections that each server's pool holds; `None` where no pool outlives a request.
    pub pool: Option<usize>,
    /// How long requests waited that got no connection; `None` where all got one.
    pub patience_s: Option<f64>,
    /// How many servers there were.
    pub servers: usize,
    /// What each of them may compute; `None` without a cap.
    pub cap: Option<Cpu>,
    /// Threads that serve, of each.
    pub threads: f64,
    /// Connections that the database has to give.
    pub slots: usize,
    /// Cores of the machine.
    pub cores: f64,
}

/// Period of a CPU cap, as in the compose files: a run contains only the cores.
const PERIOD_S: f64 = 0.02;

/// Derives the demand from a run. `generator_s` is the load generator's CPU per request. `None` if figures are missing.
pub fn known(seen: &Evidence, generator_s: f64) -> Option<Known> {
    let (program, database) = (seen.program.as_ref()?, seen.database.as_ref()?);
    // A request that was refused its connection needed one all the same.
    let to_database = program.checkouts.min(1.0);
    let lent = program.requests as f64 * (program.checkouts - program.timeouts).max(0.0);
    if lent <= 0.0 {
        return None;
    }
    // Of those that got a connection and asked; several checkouts of one request count as one.
    let asked = lent / program.checkouts.max(1.0);
    let database_s = database.cpu_cores? * seen.elapsed_s / asked;
    let at_work_s = database.busy * seen.elapsed_s / asked;
    let is_full = seen.machine.is_some_and(|machine| machine.busy_cores > ROOMY * machine.cores);
    let waits = database.waits.iter().filter(|(event, _)| !event.starts_with("Client "));
    let waiting = waits.map(|(_, count)| count).sum::<f64>();
    let database_wait_s = if is_full && waiting < MANY * database.busy {
        // PostgreSQL counts a process that waits for a core as active; only its own wait events are waits.
        waiting * seen.elapsed_s / asked
    } else {
        // In a group commit, PostgreSQL does not count the process that writes as waiting, though it computes nothing.
        (at_work_s - database_s).max(0.0)
    };
    let servers = program.servers.max(1);
    let each = program.cpu_limit_cores / servers as f64;
    let server_s = program.cpu_cores * seen.elapsed_s / program.requests as f64;
    Some(Known {
        demand: Demand {
            generator_s,
            server_s,
            to_database,
            database_s,
            database_wait_s,
            held_s: held_s(seen, program, database, asked, at_work_s),
        },
        pool: program.pool.map(|pool| (pool as usize).div_ceil(servers)),
        patience_s: (program.timeouts > 0.01)
            .then(|| program.waiting_ms / 1_000.0 / program.checkouts.max(f64::MIN_POSITIVE)),
        servers,
        cap: program.is_capped.then_some(Cpu { quota_s: each * PERIOD_S, period_s: PERIOD_S }),
        threads: if program.is_capped { 1.0 } else { each },
        slots: database.slots,
        cores: seen.machine.map_or(1.0, |machine| machine.cores),
    })
}

/// How long a connection is held besides, while nothing happens. A program that has no CPU left holds its connections while
/// it waits for its turn, and that is no pause.
fn held_s(seen: &Evidence, program: &Program, database: &Database, asked: f64, at_work_s: f64) -> f64 {
    if program.cpu_cores > 0.5 * program.cpu_limit_cores {
        return 0.0;
    }
    let pool = program.pool.map_or(database.slots, |pool| pool as usize) as f64;
    let is_full = program.timeouts > 0.01 && database.open_mean > 0.8 * pool.min(database.slots as f64);
    if is_full {
        let lent_s = pool.min(database.slots as f64) * seen.elapsed_s / asked;
        return (lent_s - at_work_s).max(0.0);
    }
    let pause_ms = program.in_program_ms - program.waiting_ms - program.querying_ms;
    if pause_ms > PAUSE_MS { pause_ms / 1_000.0 } else { 0.0 }
}
