//! Scenario 4 as its solution has it: two servers behind nginx. One is killed, all are replaced, and nobody notices.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use loadgen::Endpoint;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Of each kind: pages that are read, and orders with an `Idempotency-Key`.
const REQUESTS: u64 = 15_000;

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
        shop.json(&["up", "4", "--variant", "solution", "--no-watch"]);
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
    fn ask(&self, endpoint: Value) -> Result<u16, String> {
        let endpoint: Endpoint = serde_json::from_value(endpoint).unwrap();
        let answer = loadgen::fetch(&self.nginx, &endpoint, Duration::from_secs(10));
        answer.map(|answer| answer.status).map_err(|error| format!("{error:#}"))
    }

    fn read(&self, number: u64) -> Result<u16, String> {
        self.ask(json!({ "name": "read", "path": format!("/products/{}", 1 + number % 5_000) }))
    }

    fn order(&self, number: u64) -> Result<u16, String> {
        self.ask(json!({
            "name": "order", "method": "POST", "path": "/orders",
            "headers": [["Content-Type", "application/json"], ["Idempotency-Key", format!("order-{number}")]],
            "body": json!({ "productId": 1 + number % 5_000, "quantity": 1 }).to_string(),
        }))
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
    let (next, ordered) = (AtomicU64::new(0), AtomicU64::new(0));
    let failures = Mutex::new(Vec::new());
    let buy = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= REQUESTS {
                return;
            }
            for result in [shop.read(number), shop.order(number)] {
                match result {
                    Ok(200) => {}
                    Ok(201) => drop(ordered.fetch_add(1, Ordering::Relaxed)),
                    // Sold out.
                    Ok(409) => {}
                    other => failures.lock().unwrap().push(format!("{number}: {other:?}")),
                }
            }
        }
    };
    let mut replaced = 0;
    thread::scope(|scope| {
        let buyers: Vec<_> = (0..BUYERS).map(|_| scope.spawn(buy)).collect();
        while !buyers.iter().all(|buyer| buyer.is_finished()) {
            let victim = shop.service("app2")["pid"].to_string();
            assert!(Command::new("kill").args(["-s", "KILL", &victim]).status().unwrap().success());
            // The supervisor starts it again; then both are replaced in turn.
            shop.lab(&["restart", "--rolling"]);
            replaced += 1;
        }
    });
    let failures = failures.into_inner().unwrap();
    let logs = || String::from_utf8_lossy(&shop.lab(&["logs"]).stdout).into_owned();
    let some: Vec<_> = failures.iter().take(5).collect();
    assert!(failures.is_empty(), "{} of {}: {some:#?}\n{}", failures.len(), 2 * REQUESTS, logs());
    assert!(replaced >= 3, "only {replaced} times");
    let ordered = ordered.into_inner();
    assert!(ordered > REQUESTS / 2, "{ordered}");
    assert_eq!(shop.count("SELECT count(*) FROM orders") - orders_before, ordered);
    assert_eq!(shop.count("SELECT count(*) FROM idempotency_keys"), ordered);
    println!("requests: {}, failed: 0, kills and rolling restarts: {replaced}", 2 * REQUESTS);
}
