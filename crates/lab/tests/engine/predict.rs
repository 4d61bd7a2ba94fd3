//! `lab predict`, and what `lab load` makes of it. That it comes near is tried on the real scenarios, in `real/evidence.rs`.

use serde_json::Value;

use crate::checkout::{Checkout, stderr};

#[test]
fn a_guess_is_kept_for_the_next_load_test_of_its_kind_and_used_up_by_it() {
    let checkout = Checkout::new();
    checkout.up();
    assert_eq!(checkout.json(&["predict", "--guess", "40"])["kept"]["yours_per_s"], 40.0);
    assert_eq!(checkout.load(&["--users", "2"])["predicted"], Value::Null);
    assert_eq!(checkout.load(&[])["predicted"]["yours_per_s"], 40.0);
    assert_eq!(checkout.load(&[])["predicted"], Value::Null);
    let rows = checkout.json(&["results"]);
    let rows = rows["runs"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["predicted"]["yours_per_s"] == 40.0), "{rows:#?}");
}

#[test]
fn what_was_not_measured_can_be_said() {
    let checkout = Checkout::new();
    checkout.up();
    let refused = checkout.lab(&["predict"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("make loadtest"), "{}", stderr(&refused));
    let options = ["predict", "--service", "50ms", "--pool", "3", "--users", "50"];
    let simulated = checkout.json(&options)["simulated"]["ok_per_s"].as_f64().unwrap();
    assert!((57.0..63.0).contains(&simulated), "three connections, 50 ms each: {simulated} per second");
}

#[test]
fn a_guess_before_the_first_load_test_says_what_the_lab_cannot_know() {
    let checkout = Checkout::new();
    checkout.up();
    let text = |arguments: &[&str]| String::from_utf8(checkout.lab(arguments).stdout).unwrap();
    let first = text(&["predict", "--guess", "50"]);
    assert!(first.contains("Without a valid load test the lab cannot predict"), "{first}");
    assert!(first.contains("Your guess of 50 per second is kept"), "{first}");
    assert!(first.lines().count() <= 10, "{first}");
}
