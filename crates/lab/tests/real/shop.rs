//! Scenario 4 as its solution has it: two servers behind nginx. One is killed, all are replaced, and no request fails.

use std::{
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use loadgen::{Endpoint, Figures, Plan};
use serde_json::json;

use crate::lab::Lab;

/// With an `Idempotency-Key`, each on a connection of its own.
const ORDERS: u64 = 10_000;

/// Read meanwhile by some, on connections that they keep.
const READS: u64 = 20_000;
const READERS: usize = 16;

const BUYERS: usize = 16;

struct Shop {
    lab: Lab,
    nginx: String,
}

impl Shop {
    fn open() -> Self {
        let lab = Lab::new();
        lab.json(&["up", "4", "--variant", "solution", "--no-watch", "--no-dashboard"]);
        Self { nginx: lab.address("nginx").unwrap(), lab }
    }

    /// The processes of both servers.
    fn servers(&self) -> [u64; 2] {
        ["app1", "app2"].map(|name| self.lab.service(name).unwrap()["pid"].as_u64().unwrap())
    }

    fn count(&self, sql: &str) -> u64 {
        let output = self.lab.lab(&["sql", "-At", "-c", sql]);
        String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
    }

    /// The status of the answer, or what came instead of one.
    fn order(&self, number: u64) -> Result<u16, String> {
        let endpoint: Endpoint = serde_json::from_value(json!({
            "name": "order", "method": "POST", "path": "/orders",
            "headers": [["Content-Type", "application/json"], ["Idempotency-Key", format!("order-{number}")]],
            "body": json!({ "productId": 1 + number % 5_000, "quantity": 1 }).to_string(),
        }))
        .unwrap();
        let answer = loadgen::fetch(&self.nginx, &endpoint, Duration::from_secs(10));
        answer.map(|answer| answer.status).map_err(|error| format!("{error:#}"))
    }

    /// Reads products until `stop`, and counts them.
    fn read(&self, stop: &AtomicBool, done: &AtomicU64) -> Figures {
        let plan = Plan {
            target: self.nginx.clone(),
            endpoints: vec![Endpoint::get("/products/{1..5000}")],
            users: READERS,
            rate_per_s: None,
            warm_up: Duration::ZERO,
            duration: Duration::from_secs(300),
            timeout: Duration::from_secs(10),
            blocks: 1,
            threads: 1,
            seed: 1,
        };
        let run = loadgen::run(&plan, stop, |progress| done.store(progress.ok, Ordering::Relaxed));
        run.unwrap().summary().total
    }
}

#[test]
fn killing_a_server_and_replacing_all_fails_no_read_and_no_keyed_order_and_loses_none() {
    let shop = Shop::open();
    let orders_before = shop.count("SELECT count(*) FROM orders");
    let (next, done, stop) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let failures = Mutex::new(Vec::new());
    let buy = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= ORDERS {
                return;
            }
            match shop.order(number) {
                Ok(201) => {}
                other => failures.lock().unwrap().push(format!("{number}: {other:?}")),
            }
        }
    };
    let mut replaced = 0;
    let read = thread::scope(|scope| {
        let reader = scope.spawn(|| shop.read(&stop, &done));
        let buyers: Vec<_> = (0..BUYERS).map(|_| scope.spawn(buy)).collect();
        let all_bought = || buyers.iter().all(|buyer| buyer.is_finished());
        while !all_bought() || done.load(Ordering::Relaxed) < READS {
            let before = shop.servers();
            assert!(
                Command::new("kill").args(["-s", "KILL", &before[1].to_string()]).status().unwrap().success()
            );
            // The supervisor starts it again; then both are replaced in turn.
            shop.lab.json(&["restart", "--rolling"]);
            let after = shop.servers();
            assert!(before[0] != after[0] && before[1] != after[1], "{before:?} {after:?}");
            replaced += 1;
        }
        stop.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    let logs = || String::from_utf8_lossy(&shop.lab.lab(&["logs"]).stdout).into_owned();
    let failures = failures.into_inner().unwrap();
    let some: Vec<_> = failures.iter().take(5).collect();
    assert!(failures.is_empty(), "{} of {ORDERS}: {some:#?}\n{}", failures.len(), logs());
    assert_eq!(read.requests - read.ok, read.unanswered.count, "{read:#?}\n{}", logs());
    assert!(replaced >= 3, "only {replaced} times");
    assert_eq!(shop.count("SELECT count(*) FROM orders") - orders_before, ORDERS);
    assert_eq!(shop.count("SELECT count(*) FROM idempotency_keys"), ORDERS);
    println!("requests: {}, failed: 0, kills and rolling restarts: {replaced}", ORDERS + read.ok);
}
