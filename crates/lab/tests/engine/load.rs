//! `lab load` and `lab results`.

use std::fs;

use serde_json::Value;

use crate::checkout::{Checkout, stderr};

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
fn without_a_terminal_progress_is_a_plain_line_per_second() {
    let checkout = Checkout::new();
    checkout.up();
    let told = stderr(&checkout.lab(&["load", "--duration", "2s"]));
    let lines: Vec<_> = told.lines().filter(|line| line.starts_with("measuring: ")).collect();
    assert!((2..=3).contains(&lines.len()), "{told}");
    assert!(lines.iter().all(|line| line.contains(" errors, ") || line.contains(" 1 error, ")), "{told}");
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
    checkout.edit(
        "crates/app/src/main.rs",
        "STATUS: &str = \"200 OK\"",
        "STATUS: &str = \"502 Bad Gateway\"",
    );
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

/// The report of `lab load`, whether or not this machine was quiet enough for a load test to be believed.
fn report(checkout: &Checkout, arguments: &[&str]) -> Value {
    let output = checkout.command(&["load", "--json"]).args(arguments).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_rate_is_kept_and_listed() {
    let checkout = Checkout::new();
    checkout.up();
    let run = report(&checkout, &["--rate", "50"]);
    assert_eq!((&run["requests"], &run["little"]), (&50.into(), &Value::Null));
    assert!(run["generator"]["lag_p99_ms"].is_number());
    let row = &checkout.json(&["results"])["runs"][0];
    assert_eq!((&row["rate_per_s"], &row["users"]), (&50.0.into(), &1_000.into()));
}

#[test]
fn a_service_that_serves_nobody_sustains_no_rate() {
    let checkout = Checkout::new();
    checkout.edit("docs/scenario-1/lesson.toml", "contains = \"one\"", "contains = \"two\"");
    checkout.up();
    let search_rate = report(&checkout, &["--find-max", "--rate", "2", "--duration", "1s"]);
    assert_eq!((&search_rate["sustained_per_s"], &search_rate["found"]), (&Value::Null, &false.into()));
    assert_eq!(search_rate["steps"][0]["why_not"], "not one request succeeded");
    assert_eq!(fs::read_dir(checkout.path(".lab/scenario-1/climbs")).unwrap().count(), 1);
}
