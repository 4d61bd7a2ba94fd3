//! `lab clean`: what the lab can make again is removed, what the learner made stays.

use std::fs;

use crate::checkout::{Checkout, stderr};

#[test]
fn data_and_programs_are_removed_and_load_tests_and_edits_stay() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.load(&["--duration", "1s"]);
    checkout.edit("crates/app/src/main.rs", "\"one\"", "\"mine\"");
    let kept = checkout.json(&["reset", "--code"])["kept"].as_str().unwrap().to_owned();
    let refused = checkout.lab(&["clean"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("scenario 1 is running; run `cargo lab down --all`"),
        "{}",
        stderr(&refused)
    );
    checkout.lab(&["down"]);

    let data = checkout.path(".lab/scenario-1/db");
    let looked = checkout.json(&["clean", "--dry-run"]);
    let items = looked["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["path"] == data.to_str().unwrap()).unwrap();
    assert!(item["bytes"].as_u64().unwrap() > 10_000_000, "a PostgreSQL cluster: {item}");
    assert!(data.exists() && checkout.path("target").exists());

    checkout.json(&["clean"]);
    assert!(!data.exists() && !checkout.path("target").exists());
    let runs = || fs::read_dir(checkout.path(".lab/scenario-1/runs")).map_or(0, Iterator::count);
    assert_eq!(runs(), 1);
    assert!(fs::exists(&kept).unwrap());
    assert_eq!(checkout.up()["database"]["tables"]["things"], 5_000);
    checkout.lab(&["down"]);
    checkout.json(&["clean", "--all"]);
    assert_eq!(runs(), 0);
    assert!(fs::exists(&kept).unwrap());
}
