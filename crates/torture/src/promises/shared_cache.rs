//! The cache that the instances of the Task API share: never stale for the one who wrote, and never a storm on the database.

use std::{thread, time::Duration};

use serde_json::json;
use testkit::{Redis, Service, eventually, exchange};

use crate::{
    program::Program,
    promise::{Outcome, Promise, Trial},
};

pub const OWN_WRITES: Promise = Promise {
    number: 7,
    text: "A read after one's own write is fresh, through any instance",
    target: "1,000 of 1,000",
    test: own_writes,
};

pub const MISS_STORM: Promise = Promise {
    number: 8,
    text: "A storm of cache misses reaches the database once per instance",
    target: "at most 3 queries for 500 parallel misses of 3 instances",
    test: miss_storm,
};

/// How many instances share the cache.
const INSTANCES: usize = 3;

/// How many write and read at the same time.
const CLIENTS: usize = 4;

fn own_writes(trial: &mut Trial) -> Outcome {
    let postgres = Program::Tasks.postgres();
    let (database, redis) = (postgres.database("seeded"), Redis::start());
    let instances: [Service; INSTANCES] =
        std::array::from_fn(|_| Program::Tasks.start(&database, &redis, &[]));
    let rounds = trial.times(1_000, 100);
    let fresh: usize = thread::scope(|scope| {
        let clients: Vec<_> = (1..=CLIENTS)
            .map(|client| {
                let (instances, mut random) = (&instances, trial.random.fork());
                scope.spawn(move || {
                    (0..rounds / CLIENTS)
                        .filter(|round| is_fresh(instances, &mut random, client, *round))
                        .count()
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().expect("a client does not panic")).sum()
    });
    let hits: f64 =
        instances.iter().map(|service| service.metric("cache_requests_total{result=\"hit\"}")).sum();
    Outcome {
        done: format!(
            "{rounds} times in {CLIENTS} clients: change a task through one of {INSTANCES} instances, read its list through another \
             one at once (directly, without nginx)"
        ),
        measured: format!("{fresh} of {rounds}; {hits} answers came from the cache"),
        // Without a hit there was nothing that could be stale.
        held: fresh == rounds && hits > 0.0,
    }
}

/// Changes the task of this client through one instance, and reads through another whether it is changed.
fn is_fresh(instances: &[Service], random: &mut fastrand::Rng, client: usize, round: usize) -> bool {
    let writer = random.usize(0..INSTANCES);
    let reader = &instances[(writer + random.usize(1..INSTANCES)) % INSTANCES];
    let path = format!("/tasks?userId={}&search=round", 100 + client);
    // Both have a copy from before the write.
    reader.get(&path);
    instances[writer].get(&path);
    let title = format!("round {round}");
    let change = json!({ "title": title, "userId": 100 + client }).to_string();
    let answer = instances[writer].put(&format!("/tasks/{}", 500 + client), &change);
    assert_eq!(answer.status, 200, "{answer}");
    reader.get(&path).json()["data"][0]["title"] == title
}

fn miss_storm(trial: &mut Trial) -> Outcome {
    const MISSES: usize = 500;
    let postgres = Program::Tasks.postgres();
    let (database, redis) = (postgres.database("seeded"), Redis::start());
    let instances: [Service; INSTANCES] =
        std::array::from_fn(|_| Program::Tasks.start(&database, &redis, &[]));
    let total = |metric: &str| instances.iter().map(|service| service.metric(metric)).sum::<f64>();
    let storms = trial.times(20, 2);
    let (mut most, mut failed) = (0.0_f64, 0);
    for storm in 1..=storms {
        let request = format!("GET /tasks?userId={storm} HTTP/1.1\r\nHost: torture\r\n\r\n");
        let before = total("db_query_duration_seconds_count");
        failed += thread::scope(|scope| {
            // The first query waits, so that nobody finds a copy before all have missed it.
            let table = database.hold("LOCK TABLE tasks");
            let requests: Vec<_> = (0..MISSES)
                .map(|number| {
                    let (address, request) = (instances[number % INSTANCES].address, request.as_bytes());
                    scope.spawn(move || exchange(address, request).is_ok_and(|answer| answer.status == 200))
                })
                .collect();
            eventually(Duration::from_secs(3), "all requests are in the services", || {
                total("http_requests_in_flight") >= MISSES as f64
            });
            drop(table);
            requests.into_iter().filter_map(|request| request.join().ok()).filter(|is_ok| !is_ok).count()
        });
        most = most.max(total("db_query_duration_seconds_count") - before);
    }
    Outcome {
        done: format!("{storms} storms of {MISSES} parallel misses, spread over {INSTANCES} instances"),
        measured: format!(
            "at most {most} queries per storm, {failed} requests failed, {} went past Redis",
            total("cache_requests_total{result=\"bypass\"}")
        ),
        held: failed == 0 && (1.0..=INSTANCES as f64).contains(&most),
    }
}
