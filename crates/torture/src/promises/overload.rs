//! Five times as many requests as a service can answer.

use std::{sync::atomic::AtomicBool, time::Duration};

use loadgen::{Endpoint, Figures, Outcome as Answered, Plan};
use testkit::{Redis, TestDatabase};

use crate::{
    program::Program,
    promise::{Outcome, Promise, Trial},
};

pub const OVERLOAD: Promise = Promise {
    number: 13,
    text: "A service that gets five times what it can answer refuses the rest at once, and answers nearly as much as before",
    target: "at least 80 % of the peak, each 503 within 1.5 s",
    test,
};

/// How many times the peak.
const TIMES: f64 = 5.0;
const SHARE: f64 = 0.8;
const FAST_MS: f64 = 1_500.0;

/// What a machine has ports for.
const MOST_CONNECTIONS: usize = 12_000;

/// What one service did.
struct Overload {
    program: Program,
    peak_per_s: f64,
    /// Good answers per second while the load lasted. Those that came later were too late for somebody.
    good_per_s: f64,
    under_load: Figures,
    /// The slowest 503.
    slowest_ms: f64,
}

impl Overload {
    fn share(&self) -> f64 {
        self.good_per_s / self.peak_per_s
    }

    /// Requests that had no answer at all.
    fn unanswered(&self) -> u64 {
        let Figures { requests, ok, errors, .. } = &self.under_load;
        requests - ok - errors[&Answered::Status5xx].count
    }

    fn holds(&self) -> bool {
        self.share() >= SHARE && self.slowest_ms <= FAST_MS && self.unanswered() == 0
    }
}

fn test(trial: &mut Trial) -> Outcome {
    let duration = Duration::from_secs(trial.times(20, 2) as u64);
    let overloads = Program::ALL.map(|program| of_one(program, duration, trial.random.u64(..)));
    let measured: Vec<_> = overloads
        .iter()
        .map(|overload| {
            format!(
                "{}: {:.0} % of {:.0} per s, {} refused, the slowest after {:.0} ms, {} without an answer",
                overload.program.name(),
                overload.share() * 100.0,
                overload.peak_per_s,
                overload.under_load.errors[&Answered::Status5xx].count,
                overload.slowest_ms,
                overload.unanswered(),
            )
        })
        .collect();
    Outcome {
        done: format!(
            "{TIMES} times the peak of a closed loop, in an open loop for {} s, in each service",
            duration.as_secs()
        ),
        measured: measured.join("; "),
        held: overloads.iter().all(Overload::holds),
    }
}

/// A path whose answer costs the database milliseconds, so that the database is what has too much to do. The generator is on
/// this machine as well, and what it takes to ask and refuse four times as much must be little beside that.
fn expensive_path(program: Program, database: &TestDatabase) -> &'static str {
    match program {
        Program::Feed => {
            database.sql("DROP INDEX posts_created_at_idx");
            "/feed"
        }
        Program::Tasks => {
            database.sql(
                "INSERT INTO users (name, email, password)
                 SELECT name, format('%s.%s', i, email), password FROM users, generate_series(1, 120) i",
            );
            "/users?limit=1"
        }
        Program::Jobs => "/jobs/stats",
        Program::Orders => {
            database.sql(
                "INSERT INTO orders (product_id, quantity, total_cents)
                 SELECT product_id, quantity, total_cents FROM orders, generate_series(1, 5)",
            );
            "/report"
        }
    }
}

fn of_one(program: Program, duration: Duration, seed: u64) -> Overload {
    let postgres = program.postgres();
    let (database, redis) = (postgres.database("seeded"), Redis::start());
    let path = expensive_path(program, &database);
    let service = program.start(&database, &redis, &[]);
    let closed = Plan {
        target: service.address.to_string(),
        endpoints: vec![Endpoint::get(path)],
        users: 20,
        rate_per_s: None,
        warm_up: Duration::from_secs(1),
        duration,
        timeout: Duration::from_secs(5),
        blocks: 1,
        threads: 1,
        seed,
    };
    let run = |plan: &Plan| loadgen::run(plan, &AtomicBool::new(false), |_| ()).expect("the service listens");
    let peak_per_s = run(&closed).summary().total.ok_per_s;
    let rate_per_s = peak_per_s * TIMES;
    // So many that no request waits for a connection of the generator, if all are answered in time.
    let users = ((rate_per_s * FAST_MS / 1_000.0) as usize).min(MOST_CONNECTIONS);
    let run = run(&Plan { users, rate_per_s: Some(rate_per_s), ..closed });
    let in_time = run.rows.iter().filter(|row| row.second < duration.as_secs());
    let good_per_s = in_time.map(|row| row.ok).sum::<u64>() as f64 / duration.as_secs_f64();
    let refused = run
        .endpoints
        .iter()
        .flat_map(|endpoint| &endpoint.blocks)
        .filter_map(|block| block.get(&Answered::Status5xx));
    let slowest_ms = refused.filter_map(|latencies| latencies.quantile_ms(1.0)).fold(0.0, f64::max);
    Overload { program, peak_per_s, good_per_s, under_load: run.summary().total, slowest_ms }
}
