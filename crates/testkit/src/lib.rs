//! For black-box tests: a real PostgreSQL with a database per test, a real Redis, a real service process, and a plain HTTP
//! client that can also send what no client library would.
//!
//! Nothing is left when the test process ends, however it ends: servers get a signal from the kernel, and
//! directories are removed by a shell that waits for the end of its input.

pub mod damaged;
pub mod hostile;
mod http;
mod pgbench;
mod postgres;
mod redis;
pub mod require;
mod service;
pub mod sql;
pub mod terminal;

pub use http::{Answer, exchange, read_answer, with_body};
pub use pgbench::beside_pgbench;
pub use postgres::{Held, PASSWORD, Postgres, TestDatabase};
pub use redis::Redis;
pub use service::Service;

use std::{
    iter,
    process::{Child, Command},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// Starts a process that the kernel stops when this one ends. It stops it when the *thread* that started it ends,
/// so that must be one that never does; a test's thread ends with the test.
fn spawn_for_good(mut command: Command) -> std::io::Result<Child> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        // Nobody to tell means that the test process is ending.
        let _ = sender.send(command.spawn());
        loop {
            thread::park();
        }
    });
    receiver.recv().expect("the thread above sends before it does anything else")
}

/// Waits until `condition` holds, and says so when that takes longer than `limit`.
///
/// # Panics
/// When it does.
pub fn eventually(limit: Duration, what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < limit, "not within {limit:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Asks again while the answer is that no connection came free in time: where a starter's pool is too small, a busy machine
/// shows it now and then.
///
/// # Panics
/// When that is so 20 times.
pub fn despite_the_pool(request: impl Fn() -> Answer) -> Answer {
    let is_the_fault = |answer: &Answer| answer.status == 503 && answer.json()["type"] == "pool-timeout";
    iter::repeat_with(request).take(20).find(|answer| !is_the_fault(answer)).expect("one of 20 comes through")
}
