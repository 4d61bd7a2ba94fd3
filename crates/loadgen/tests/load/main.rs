//! Promises of the load generator, against a real server that misbehaves as it is told.

mod server;
mod answers;
mod failures;
mod counting;
mod open;
mod ending;
mod fetching;

use std::{sync::atomic::AtomicBool, time::Duration};

use loadgen::{Endpoint, Figures, Outcome, Plan, Run};
use server::Server;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// Two users for 300 ms on `/`, without a warm-up.
fn plan(server: &Server) -> Plan {
    Plan {
        target: server.target(),
        endpoints: vec![endpoint("/")],
        users: 2,
        rate_per_s: None,
        warm_up: Duration::ZERO,
        duration: Duration::from_millis(300),
        timeout: Duration::from_secs(5),
        blocks: 3,
        threads: 1,
        seed: 1,
    }
}

fn endpoint(path: &str) -> Endpoint {
    Endpoint {
        name: path.into(),
        method: "GET".into(),
        path: path.into(),
        headers: Vec::new(),
        body: String::new(),
        weight: 1,
        contains: None,
    }
}

fn run(plan: &Plan) -> Run {
    loadgen::run(plan, &AtomicBool::new(false), |_| ()).expect("the plan can be run")
}

/// The run's figures, once it is clear that everything that was asked ended as `outcome`.
#[track_caller]
fn all(outcome: Outcome, run: &Run) -> Figures {
    let total = run.summary().total;
    let count = if outcome == Outcome::Ok { total.ok } else { total.errors[&outcome].count };
    assert!(count > 0 && count == total.requests, "not all {outcome:?}: {total:#?}");
    total
}
