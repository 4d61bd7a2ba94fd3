//! Redis is killed, frozen, restarted empty and filled up while clients read and write tasks through two instances.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use testkit::{Redis, Service};

use crate::{
    clients::while_clients_run,
    program::Program,
    promise::{Outcome, Promise, Trial},
};

pub const REDIS: Promise = Promise {
    number: 9,
    text: "The service does without Redis when it is killed, frozen, restarted empty or full",
    target: "0 errors, 0 stale answers 2 s after, at most 60 ms more at the 99th percentile",
    test,
};

/// What a missing Redis may cost.
const MORE: Duration = Duration::from_millis(60);

/// How long an instance may not know that another could not tell Redis of a write.
const RECOVERY: Duration = Duration::from_secs(2);

const CLIENTS: usize = 8;

/// Between two requests of a client. The machine has time to spare: else the queue is all that is measured.
const PAUSE: Duration = Duration::from_millis(15);

#[derive(Clone, Copy, Debug)]
enum Fault {
    Killed,
    Frozen,
    Restarted,
    Full,
}

impl Fault {
    const ALL: [Self; 4] = [Self::Killed, Self::Frozen, Self::Restarted, Self::Full];

    fn begin(self, redis: &Redis) {
        match self {
            Self::Killed => redis.crash(),
            Self::Frozen => redis.pause(),
            Self::Restarted => {
                redis.crash();
                redis.restart();
            }
            Self::Full => redis.fill_memory(),
        }
    }

    fn end(self, redis: &Redis) {
        match self {
            Self::Killed => redis.restart(),
            Self::Frozen => redis.resume(),
            Self::Restarted => (),
            Self::Full => redis.free_memory(),
        }
    }
}

/// What clients saw during some time.
#[derive(Default)]
struct Observations {
    took: Vec<Duration>,
    /// Answers that were no 200.
    errors: usize,
    /// Answers without the client's own last write, later than [`RECOVERY`] after the fault.
    stale: usize,
}

impl Observations {
    fn add(&mut self, other: Self) {
        self.took.extend(other.took);
        self.errors += other.errors;
        self.stale += other.stale;
    }

    fn p99(&self) -> Duration {
        let mut took = self.took.clone();
        took.sort_unstable();
        took[took.len() * 99 / 100]
    }
}

/// The same load before a fault and during it.
struct Comparison {
    fault: Fault,
    before: Observations,
    during: Observations,
}

impl Comparison {
    fn holds(&self) -> bool {
        let bad = self.before.errors + self.before.stale + self.during.errors + self.during.stale;
        bad == 0 && self.during.p99() <= self.before.p99() + MORE
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, before, during } = self;
        write!(
            f,
            "{fault:?}: {} errors, {} stale, p99 {:.0} ms after {:.0} ms",
            before.errors + during.errors,
            before.stale + during.stale,
            during.p99().as_secs_f64() * 1_000.0,
            before.p99().as_secs_f64() * 1_000.0,
        )
    }
}

fn test(trial: &mut Trial) -> Outcome {
    let postgres = Program::Tasks.postgres();
    let database = postgres.database("seeded");
    let rounds = trial.times(5, 1);
    let phase = Duration::from_secs(trial.times(10, 3) as u64);
    let mut comparisons = Fault::ALL.map(|fault| Comparison {
        fault,
        before: Observations::default(),
        during: Observations::default(),
    });
    for _ in 0..rounds {
        trial.random.shuffle(&mut comparisons);
        for Comparison { fault, before, during } in &mut comparisons {
            let redis = Redis::start();
            let instances = [(); 2].map(|()| Program::Tasks.start(&database, &redis, &[]));
            let load = |phase, fault: &dyn Fn()| while_reading_and_writing(&instances, phase, fault);
            // Connections and copies are there.
            load(Duration::from_millis(500), &|| ());
            before.add(load(phase, &|| ()));
            during.add(load(phase, &|| fault.begin(&redis)));
            fault.end(&redis);
        }
    }
    comparisons.sort_by_key(|comparison| comparison.fault as u8);
    let requests: usize = comparisons.iter().map(|comparison| comparison.during.took.len()).sum();
    Outcome {
        done: format!(
            "{rounds} times each of killed, frozen, restarted empty and full (maxmemory 1mb, noeviction) for {} s: {requests} requests",
            phase.as_secs()
        ),
        measured: comparisons.each_ref().map(Comparison::to_string).join("; "),
        held: comparisons.iter().all(Comparison::holds),
    }
}

/// Reads and writes for this long; `fault` happens at the beginning, when requests are under way.
fn while_reading_and_writing(instances: &[Service; 2], phase: Duration, fault: &dyn Fn()) -> Observations {
    let client = |client, is_over: &AtomicBool| read_and_write(instances, client, is_over);
    let (each, ()) = while_clients_run(CLIENTS, client, || {
        fault();
        thread::sleep(phase);
    });
    let mut all = Observations::default();
    each.into_iter().for_each(|observations| all.add(observations));
    all
}

/// Writes through one instance and reads four times through the other, which hears of the write from Redis or not at all.
fn read_and_write(instances: &[Service; 2], client: usize, is_over: &AtomicBool) -> Observations {
    let mut seen = Observations::default();
    let [writer, reader] = instances;
    let (began, mut title) = (Instant::now(), String::new());
    for number in (0..).take_while(|_| !is_over.load(Ordering::Relaxed)) {
        let asked = Instant::now();
        let answer = if number % 5 == 0 {
            title = format!("round {number}");
            let change = json!({ "title": title, "userId": 100 + client }).to_string();
            writer.put(&format!("/tasks/{}", 500 + client), &change)
        } else {
            reader.get(&format!("/tasks?userId={}&search=round", 100 + client))
        };
        seen.took.push(asked.elapsed());
        if answer.status != 200 {
            seen.errors += 1;
        } else if number % 5 > 0 && asked > began + RECOVERY && answer.json()["data"][0]["title"] != title {
            seen.stale += 1;
        }
        thread::sleep(PAUSE);
    }
    seen
}
