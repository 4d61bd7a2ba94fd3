//! Scenario 4 as its solution has it: two servers behind nginx. One is killed, all are replaced, and nobody notices.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use loadgen::{Endpoint, Figures, Plan};
use serde_json::{Value, json};
use tempfile::TempDir;

/// With an `Idempotency-Key`, each on a connection of its own.
const ORDERS: u64 = 10_000;

/// Read meanwhile by some, on connections that they keep.
const READS: u64 = 20_000;
const READERS: usize = 16;

const BUYERS: usize = 16;

/// The scenario of this very checkout, with data, ports and processes of its own.
struct Shop {
    lab_dir: TempDir,
    nginx: String,
}

impl Shop {
    fn open() -> Self {
        let permissions = fs::Permissions::from_mode(0o755);
        let lab_dir =
            tempfile::Builder::new().prefix("lab-shop-").permissions(permissions).tempdir().unwrap();
        let mut shop = Self { lab_dir, nginx: String::new() };
        shop.json(&["up", "4", "--variant", "solution", "--no-watch", "--no-dashboard"]);
        shop.nginx = shop.service("nginx")["url"].as_str().unwrap().replace("http://", "");
        shop
    }

    fn lab(&self, arguments: &[&str]) -> Output {
        let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.args(arguments).current_dir(root).env("LAB_DIR", self.lab_dir.path()).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.lab(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn service(&self, name: &str) -> Value {
        let status = self.json(&["status"]);
        let services = status["services"].as_array().unwrap();
        services.iter().find(|service| service["name"] == name).unwrap().clone()
    }

    fn count(&self, sql: &str) -> u64 {
        let output = self.lab(&["sql", "-At", "-c", sql]);
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

    /// Reads products until `stop`, and tells how many so far.
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

impl Drop for Shop {
    fn drop(&mut self) {
        self.lab(&["down", "--all"]);
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
            let before = ["app1", "app2"].map(|name| shop.service(name)["pid"].clone());
            assert!(
                Command::new("kill").args(["-s", "KILL", &before[1].to_string()]).status().unwrap().success()
            );
            // The supervisor starts it again; then both are replaced in turn.
            shop.json(&["restart", "--rolling"]);
            let after = ["app1", "app2"].map(|name| shop.service(name)["pid"].clone());
            assert!(before[0] != after[0] && before[1] != after[1], "{before:?} {after:?}");
            replaced += 1;
        }
        stop.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    let logs = || String::from_utf8_lossy(&shop.lab(&["logs"]).stdout).into_owned();
    let failures = failures.into_inner().unwrap();
    let some: Vec<_> = failures.iter().take(5).collect();
    assert!(failures.is_empty(), "{} of {ORDERS}: {some:#?}\n{}", failures.len(), logs());
    assert_eq!(read.requests - read.ok, read.unanswered.count, "{read:#?}\n{}", logs());
    assert!(replaced >= 3, "only {replaced} times");
    assert_eq!(shop.count("SELECT count(*) FROM orders") - orders_before, ORDERS);
    assert_eq!(shop.count("SELECT count(*) FROM idempotency_keys"), ORDERS);
    println!("requests: {}, failed: 0, kills and rolling restarts: {replaced}", ORDERS + read.ok);
}
