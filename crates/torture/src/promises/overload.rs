//! Five times as many requests as a service can answer.

use std::{sync::atomic::AtomicBool, time::Duration};

use loadgen::{Endpoint, Figures, Outcome as Answered, Plan, Run};
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

/// How long one measurement lasts.
const ROUND: Duration = Duration::from_secs(2);

/// What one service did in all rounds.
struct Overload {
    program: Program,
    /// Good answers while there was as much to do as it can answer, and while there was five times as much.
    peak: u64,
    good: u64,
    refused: u64,
    /// Requests that had no answer at all.
    unanswered: u64,
    /// The slowest 503.
    slowest_ms: f64,
}

impl Overload {
    fn add(&mut self, run: &Run) {
        let Figures { requests, ok, errors, .. } = run.summary().total;
        let refused = errors[&Answered::Status5xx].count;
        self.good += good(run);
        self.refused += refused;
        self.unanswered += requests - ok - refused;
        let blocks = run.endpoints.iter().flat_map(|endpoint| &endpoint.blocks);
        let refusals = blocks.filter_map(|block| block.get(&Answered::Status5xx));
        let slowest_ms = refusals.filter_map(|latencies| latencies.quantile_ms(1.0));
        self.slowest_ms = slowest_ms.fold(self.slowest_ms, f64::max);
    }

    fn share(&self) -> f64 {
        self.good as f64 / self.peak as f64
    }

    fn holds(&self) -> bool {
        self.share() >= SHARE && self.slowest_ms <= FAST_MS && self.unanswered == 0
    }
}

fn test(trial: &mut Trial) -> Outcome {
    let rounds = trial.times(10, 2);
    let overloads = Program::ALL.map(|program| of_one(program, rounds as u32, trial.random.u64(..)));
    let measured: Vec<_> = overloads
        .iter()
        .map(|overload| {
            let per_s = overload.peak as f64 / (rounds as f64 * ROUND.as_secs_f64());
            format!(
                "{}: {:.0} % of {per_s:.0} per s, {} refused, the slowest after {:.0} ms, {} without an answer",
                overload.program.name(),
                overload.share() * 100.0,
                overload.refused,
                overload.slowest_ms,
                overload.unanswered,
            )
        })
        .collect();
    Outcome {
        done: format!(
            "{TIMES} times the peak in an open loop, in each service: {rounds} times for {} s, in turns with a closed loop at \
            the peak",
            ROUND.as_secs()
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
            database.sql(
                "DROP INDEX posts_created_at_idx;
                 INSERT INTO posts (user_id, content, created_at)
                 SELECT user_id, content, created_at FROM posts, generate_series(1, 2)",
            );
            "/feed"
        }
        Program::Tasks => {
            database.sql(
                "INSERT INTO users (name, email, password)
                 SELECT name, format('%s.%s', i, email), password FROM users, generate_series(1, 360) i",
            );
            "/users?limit=1"
        }
        Program::Jobs => {
            database.sql(
                "INSERT INTO jobs (type, payload)
                 SELECT type, payload FROM jobs, generate_series(1, 3)",
            );
            "/jobs/stats"
        }
        Program::Orders => {
            database.sql(
                "INSERT INTO orders (product_id, quantity, total_cents)
                 SELECT product_id, quantity, total_cents FROM orders, generate_series(1, 12)",
            );
            "/report"
        }
    }
}

fn of_one(program: Program, rounds: u32, seed: u64) -> Overload {
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
        duration: ROUND,
        timeout: Duration::from_secs(5),
        blocks: 1,
        threads: 1,
        seed,
    };
    let run = |plan: &Plan| loadgen::run(plan, &AtomicBool::new(false), |_| ()).expect("the service listens");
    let rate_per_s = run(&closed).summary().total.ok_per_s * TIMES;
    // So many that no request waits for a connection of the generator, if all are answered in time.
    let users = ((rate_per_s * FAST_MS / 1_000.0) as usize).min(MOST_CONNECTIONS);
    let open = Plan { users, rate_per_s: Some(rate_per_s), ..closed.clone() };
    let mut sum = Overload { program, peak: 0, good: 0, refused: 0, unanswered: 0, slowest_ms: 0.0 };
    // What the machine can do changes from one moment to the next, so peak and overload are measured in turns.
    for _ in 0..rounds {
        sum.peak += good(&run(&closed));
        sum.add(&run(&open));
    }
    sum
}

/// Good answers while the load lasted. Answers that arrived after its end do not count.
fn good(run: &Run) -> u64 {
    run.rows.iter().filter(|row| row.second < ROUND.as_secs()).map(|row| row.ok).sum()
}
