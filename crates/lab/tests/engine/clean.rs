//! `lab clean`: what the lab can make again is removed, what the learner made stays.

use std::{fs, os::unix::fs::PermissionsExt};

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

#[test]
fn a_new_checkout_at_the_path_of_a_deleted_one_has_its_own_data() {
    let checkout = Checkout::new();
    // As root's home: the accounts of root's servers cannot enter it, so their data lie outside.
    fs::set_permissions(checkout.path("."), fs::Permissions::from_mode(0o700)).unwrap();
    checkout.up();
    checkout.lab(&["sql", "-c", "INSERT INTO things VALUES (0, 'mine')"]);
    checkout.lab(&["down"]);
    // All that a new clone at this path would lack.
    fs::remove_dir_all(checkout.path(".lab")).unwrap();
    let status = checkout.up();
    assert_eq!(status["database"]["tables"]["things"], 5000, "{status:#}");
    checkout.lab(&["down"]);
    assert!(checkout.lab(&["clean"]).status.success());
}
