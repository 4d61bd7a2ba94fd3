//! Workers that race for jobs, crash while they hold one, come late, or get a job that ends whoever takes it.

use std::{
    collections::HashSet,
    io::Write,
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testkit::{Answer, Redis, Service, TestDatabase, exchange, read_answer, with_body};

use crate::{
    program::{Program, post},
    promise::{Outcome, Promise, Trial},
};

pub const ONE_LEASE: Promise = Promise {
    number: 3,
    text: "A job is held by one valid lease",
    target: "0 of 10,000 jobs given to two of 16 workers",
    test: one_lease,
};

pub const CRASHED_WORKER: Promise = Promise {
    number: 4,
    text: "The job of a crashed worker comes back; a worker that comes late is refused",
    target: "back at most 1 s after the lease; 409 always",
    test: crashed_worker,
};

pub const POISON: Promise = Promise {
    number: 5,
    text: "A job that ends every worker that takes it is dead after 5 attempts, and slows no other job",
    target: "dead after 5; others within 10 %",
    test: poison,
};

const WORKERS: usize = 16;
const NAMES: [&str; 5] = ["ada", "edsger", "grace", "leslie", "radia"];

/// A database in which so many jobs wait; 10,000 at most.
fn jobs_database(waiting: usize) -> TestDatabase<'static> {
    let database = Program::Jobs.database();
    database.sql(&format!(
        "DELETE FROM jobs WHERE id > {waiting};
         UPDATE jobs SET status = 'pending', attempt = 0, finished_at = NULL, claimed_by = NULL, lease_until = NULL,
                         lease_token = NULL, run_at = now()"
    ));
    database
}

fn one_lease(trial: &mut Trial) -> Outcome {
    let count = trial.times(10_000, 1_000);
    let (database, redis) = (jobs_database(count), Redis::start());
    let instances = [0; 3].map(|_| Program::Jobs.start(&database, &redis, &[]));
    let claims: Vec<i64> = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let instance = &instances[worker % 3];
                scope.spawn(move || claim_all(instance, NAMES[worker % NAMES.len()]))
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker does not panic")).collect()
    });
    let different = claims.iter().collect::<HashSet<_>>().len();
    Outcome {
        done: format!("{WORKERS} workers on 3 instances took {count} jobs"),
        measured: format!("{} given twice, {} not given", claims.len() - different, count - different),
        held: claims.len() == different && different == count,
    }
}

/// Claims on one connection until nothing waits; returns the ids.
fn claim_all(instance: &Service, worker: &str) -> Vec<i64> {
    let mut stream = TcpStream::connect(instance.address).expect("the service listens");
    let mut ids = Vec::new();
    loop {
        stream.write_all(claim_request(worker).as_bytes()).expect("the service reads");
        let answer = read_answer(&mut stream, true).expect("the service answers");
        match answer.status {
            200 => ids.push(answer.json()["id"].as_i64().expect("a job has an id")),
            204 => return ids,
            503 => {}
            _ => panic!("{answer}"),
        }
    }
}

fn claim_request(worker: &str) -> String {
    post("/jobs/claim", "", &format!(r#"{{"worker": "{worker}"}}"#))
}

/// Claims a job; null when nothing waits.
fn claim(service: &Service) -> Value {
    let answer = exchange(service.address, claim_request("ada").as_bytes()).expect("the service answers");
    if answer.status == 200 { answer.json() } else { Value::Null }
}

fn report(service: &Service, claim: &Value, action: &str) -> Answer {
    let body = json!({ "leaseToken": claim["leaseToken"], "action": action }).to_string();
    let request = with_body("PATCH", &format!("/jobs/{}", claim["id"]), "", &body);
    exchange(service.address, request.as_bytes()).expect("the service answers")
}

const LEASE: Duration = Duration::from_millis(1_000);

fn crashed_worker(trial: &mut Trial) -> Outcome {
    let count = trial.times(100, 10);
    let (database, redis) = (jobs_database(count), Redis::start());
    let service = Program::Jobs.start(&database, &redis, &[("LEASE_MS", "1000")]);
    // The workers crash: none of them extends its lease or reports before it has ended.
    let started = Instant::now();
    let lost: Vec<_> = (0..count).map(|_| claim(&service)).collect();
    let all_claimed = started.elapsed();
    let mut back = Vec::new();
    while back.len() < count && started.elapsed() < all_claimed + LEASE * 3 {
        match claim(&service) {
            Value::Null => thread::sleep(Duration::from_millis(5)),
            claim => back.push(claim),
        }
    }
    // From the last claim on, and so for all of them.
    let took = started.elapsed().saturating_sub(all_claimed);
    let actions = ["finish", "fail", "extend"];
    let late = lost.iter().flat_map(|claim| actions.map(|action| report(&service, claim, action).status));
    let accepted = late.filter(|status| *status != 409).count();
    Outcome {
        done: format!(
            "{count} workers crashed with a job each, and came back when their lease of 1 s was over"
        ),
        measured: format!(
            "{} of {count} back, the last {:.2} s after its lease; {accepted} of {} late reports accepted",
            back.len(),
            took.saturating_sub(LEASE).as_secs_f64(),
            count * actions.len(),
        ),
        held: back.len() == count && took < LEASE + Duration::from_secs(1) && accepted == 0,
    }
}

fn poison(trial: &mut Trial) -> Outcome {
    let count = trial.times(2_000, 200);
    let (database, redis) = (jobs_database(count), Redis::start());
    let service = Program::Jobs.start(&database, &redis, &[]);
    // Each on its own, in turn, so that a busy moment of the machine meets both.
    let (mut without, mut with) = (Duration::ZERO, Duration::ZERO);
    let rounds = 10;
    for _ in 0..rounds {
        without += time_to_finish(&service, count / (2 * rounds));
        // First in the queue.
        database.sql(
            "INSERT INTO jobs (type, payload, priority, run_at)
             VALUES ('send_email', '{\"poison\": true}', 9, now() - interval '10 years')",
        );
        for _ in 0..5 {
            let poison = claim(&service);
            assert_eq!(poison["payload"]["poison"], true, "{poison}");
            // It has ended its worker, and is the first in the queue again.
            database.sql(&format!(
                "UPDATE jobs SET lease_until = now() - interval '10 years' WHERE id = {}",
                poison["id"]
            ));
        }
        with += time_to_finish(&service, count / (2 * rounds));
    }
    let rows =
        database.sql("SELECT id FROM jobs WHERE payload ? 'poison' AND status = 'dead' AND attempt = 5");
    let dead = rows.len();
    // 10 jobs are too few for 10 %.
    let limit = if trial.is_short { 3.0 } else { 1.1 };
    let ratio = with.as_secs_f64() / without.as_secs_f64();
    Outcome {
        done: format!("{rounds} such jobs, each before {} others", count / (2 * rounds)),
        measured: format!("{dead} of {rounds} dead after 5 attempts; others took {ratio:.2} times as long"),
        held: dead == rounds && ratio < limit,
    }
}

/// How long it takes to claim and finish so many jobs, none of which is a poison.
fn time_to_finish(service: &Service, count: usize) -> Duration {
    let started = Instant::now();
    for _ in 0..count {
        let job = claim(service);
        assert!(job["payload"]["poison"].is_null(), "{job}");
        assert_eq!(report(service, &job, "finish").status, 200);
    }
    started.elapsed()
}
