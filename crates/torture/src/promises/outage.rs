//! The database fails in six ways while clients read and write, and comes back.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use testkit::{Postgres, Redis, Service, exchange};

use crate::{
    clients::while_clients_run,
    program::Program,
    promise::{Outcome, Promise, Trial},
};

pub const DATABASE: Promise = Promise {
    number: 12,
    text: "An outage of the database is a fast 503 with `Retry-After` (or a 507 when its disk is full), and ends by itself",
    target: "at most 1.2 s each, 100 % OK at most 5 s after",
    test,
};

const FAST: Duration = Duration::from_millis(1_200);
const RECOVERY: Duration = Duration::from_secs(5);

/// How long writes may find room on a disk that was just filled.
const NO_ROOM_AFTER: Duration = Duration::from_secs(3);

const CLIENTS: usize = 4;

/// Between two requests of a client.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Stopped,
    Killed,
    Restarted,
    /// Others have all its connections.
    Occupied,
    ReadOnly,
    DiskFull,
}

impl Fault {
    const ALL: [Self; 6] =
        [Self::Stopped, Self::Killed, Self::Restarted, Self::Occupied, Self::ReadOnly, Self::DiskFull];

    /// Lets it happen for this long; returns when the database is well again.
    fn happen(self, postgres: &Postgres, length: Duration) {
        match self {
            Self::Stopped => {
                postgres.stop();
                thread::sleep(length);
                postgres.restart();
            }
            Self::Killed => {
                postgres.kill_postmaster();
                thread::sleep(length);
                postgres.restart();
            }
            Self::Restarted => {
                postgres.stop();
                postgres.restart();
            }
            Self::Occupied => {
                let held = postgres.take_all_connections();
                thread::sleep(length);
                drop(held);
            }
            Self::ReadOnly => {
                for change in
                    ["SET default_transaction_read_only = on", "RESET default_transaction_read_only"]
                {
                    postgres.admin(&format!("ALTER SYSTEM {change}"));
                    postgres.admin("SELECT pg_reload_conf()");
                    if change.starts_with("SET") {
                        thread::sleep(length);
                    }
                }
            }
            Self::DiskFull => {
                postgres.fill_disk();
                // Until the files that are there have no room either.
                thread::sleep(length.max(NO_ROOM_AFTER));
                postgres.free_disk();
                postgres.restart();
            }
        }
    }
}

/// An answer, or what came instead.
struct Sample {
    answered: Instant,
    took: Duration,
    what: What,
}

enum What {
    Ok,
    /// A 503 with `Retry-After`, or a 507.
    Refused,
    /// Anything else.
    Wrong(String),
}

/// What was seen of one fault, in all rounds.
#[derive(Default)]
struct Observations {
    refused: usize,
    slowest: Duration,
    healed_after: Duration,
    /// How often each answer came that should not have come.
    wrong: BTreeMap<String, usize>,
}

impl Observations {
    fn holds(&self) -> bool {
        self.refused > 0 && self.wrong.is_empty() && self.slowest <= FAST && self.healed_after <= RECOVERY
    }

    fn add(&mut self, began: Instant, ended: Instant, samples: impl IntoIterator<Item = Sample>) {
        for Sample { answered, took, what } in samples {
            match what {
                What::Ok if answered < began || answered > ended => continue,
                What::Ok => (),
                What::Refused => {
                    self.refused += 1;
                    self.healed_after = self.healed_after.max(answered.saturating_duration_since(ended));
                }
                What::Wrong(what) => *self.wrong.entry(what).or_default() += 1,
            }
            self.slowest = self.slowest.max(took);
        }
    }
}

fn test(trial: &mut Trial) -> Outcome {
    let rounds = trial.times(5, 1);
    let length = Duration::from_millis(trial.times(3_000, 1_000) as u64);
    // A 503 more than 5 s after the end would be seen.
    let after = Duration::from_millis(trial.times(6_000, 700) as u64);
    let seen: Vec<_> = thread::scope(|scope| {
        let programs = Program::ALL.map(|program| {
            let mut random = trial.random.fork();
            scope.spawn(move || (program, of_one(program, rounds, length, after, &mut random)))
        });
        programs.into_iter().map(|program| program.join().expect("a fault can be made")).collect()
    });
    let all = || seen.iter().flat_map(|(program, seen)| seen.iter().map(move |seen| (program, seen)));
    let broken: String = all()
        .filter(|(_, (_, seen))| !seen.holds())
        .map(|(program, (fault, seen))| {
            let Observations { refused, slowest, healed_after, wrong } = seen;
            let name = program.name();
            format!("; {name}, {fault:?}: {refused} refused, slowest {slowest:.1?}, well after {healed_after:.1?}, wrong {wrong:?}")
        })
        .collect();
    let longest = |duration: fn(&Observations) -> Duration| {
        all().map(|(_, (_, seen))| duration(seen)).max().unwrap_or_default()
    };
    let faults = seen.first().map_or(0, |(_, seen)| seen.len());
    let left_out = if faults < Fault::ALL.len() { "; a full disk was not tried: it needs root" } else { "" };
    Outcome {
        done: format!(
            "{} outages: stopped, killed, restarted, no connection left, read-only, disk full, {rounds} times each in each service{left_out}",
            rounds * faults * seen.len(),
        ),
        measured: format!(
            "{} refused, the slowest after {:.1?}; 100 % OK {:.1?} after the end{broken}",
            all().map(|(_, (_, seen))| seen.refused).sum::<usize>(),
            longest(|seen| seen.slowest),
            longest(|seen| seen.healed_after),
        ),
        held: all().all(|(_, (_, seen))| seen.holds()),
    }
}

fn of_one(
    program: Program,
    rounds: usize,
    length: Duration,
    after: Duration,
    random: &mut fastrand::Rng,
) -> BTreeMap<Fault, Observations> {
    const SETTINGS: &[&str] = &["max_connections=20", "min_wal_size=32MB", "max_wal_size=64MB"];
    let small = Postgres::start_on_small_disk(250, SETTINGS).ok();
    let has_small_disk = small.is_some();
    let postgres = small.unwrap_or_else(|| Postgres::start(SETTINGS));
    program.seed(&postgres);
    let redis = Redis::start();
    let mut seen = BTreeMap::<_, Observations>::new();
    for _ in 0..rounds {
        let mut faults = Fault::ALL;
        random.shuffle(&mut faults);
        for fault in faults.into_iter().filter(|fault| *fault != Fault::DiskFull || has_small_disk) {
            let database = postgres.database("seeded");
            let service = program.start(&database, &redis, &[]);
            let client = |client, is_over: &AtomicBool| read_and_write(program, &service, client, is_over);
            let (samples, (began, ended)) = while_clients_run(CLIENTS, client, || {
                thread::sleep(Duration::from_millis(300));
                let began = Instant::now();
                fault.happen(&postgres, length);
                let ended = Instant::now();
                thread::sleep(after);
                (began, ended)
            });
            seen.entry(fault).or_default().add(began, ended, samples.into_iter().flatten());
        }
    }
    seen
}

fn read_and_write(program: Program, service: &Service, client: usize, is_over: &AtomicBool) -> Vec<Sample> {
    let mut samples = Vec::new();
    for number in (0..).take_while(|_| !is_over.load(Ordering::Relaxed)) {
        let request = if number % 2 == 0 {
            program.write(&format!("{}-{client}-{number}", program.name()))
        } else {
            program.read()
        };
        let asked = Instant::now();
        let what = match exchange(service.address, request.as_bytes()) {
            Ok(answer) if answer.status < 300 => What::Ok,
            Ok(answer) if answer.status == 503 && answer.header("retry-after").is_some() => What::Refused,
            Ok(answer) if answer.status == 507 => What::Refused,
            Ok(answer) => What::Wrong(format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body))),
            Err(error) => What::Wrong(error.to_string()),
        };
        samples.push(Sample { answered: Instant::now(), took: asked.elapsed(), what });
        thread::sleep(PAUSE);
    }
    samples
}
