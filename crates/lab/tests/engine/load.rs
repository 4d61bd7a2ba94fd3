//! `lab load` and `lab results`.

use std::fs;

use crate::checkout::Checkout;

#[test]
fn a_load_test_is_summed_up_saved_and_listed() {
    let checkout = Checkout::new();
    checkout.up();
    let report = checkout.json(&["load"]);
    assert_eq!(report["run_id"], "001");
    assert_eq!(report["success_rate"], 1.0);
    assert!(report["ok_per_s"].as_f64().unwrap() > 0.0);
    assert!(report["latency_ms"]["p99"].as_f64().unwrap() > 0.0);
    assert_eq!(report["endpoints"][0]["name"], "root");
    assert_eq!(checkout.json(&["results"])["runs"][0]["run_id"], "001");
    assert!(checkout.path(".lab/scenario-1/runs/001.json").exists());
}

#[test]
fn answers_that_lack_what_they_should_hold_are_errors() {
    let checkout = Checkout::new();
    checkout.edit("docs/scenario-1/lesson.toml", "contains = \"one\"", "contains = \"two\"");
    checkout.up();
    let report = checkout.json(&["load"]);
    assert_eq!(report["success_rate"], 0.0);
    assert_eq!(report["errors"]["check"]["count"], report["requests"]);
}

#[test]
fn a_smoke_test_passes_what_serves_and_fails_what_does_not_and_leaves_nothing() {
    let checkout = Checkout::new();
    let smoke = |checkout: &Checkout| checkout.lab(&["smoke", "1", "--duration", "1s"]);
    assert_eq!(smoke(&checkout).status.code(), Some(0));
    checkout.edit("crates/app/src/main.rs", "200 OK", "502 Bad Gateway");
    let failed = smoke(&checkout);
    assert_ne!(failed.status.code(), Some(0), "{}", String::from_utf8_lossy(&failed.stdout));
    checkout.assert_nothing_is_left();
    assert!(!checkout.path(".lab/smoke/scenario-1").exists());
}

#[test]
fn a_run_that_cannot_be_read_costs_no_other_run() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.json(&["load"]);
    fs::write(checkout.path(".lab/scenario-1/runs/001.json"), "{").unwrap();
    assert_eq!(checkout.json(&["load"])["run_id"], "002");
    assert_eq!(checkout.json(&["results"])["runs"].as_array().unwrap().len(), 1);
}
