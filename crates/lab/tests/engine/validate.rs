//! `lab validate`: a lesson that proves nothing is found out.

use crate::checkout::Checkout;

#[test]
fn a_lesson_is_proved_in_a_checkout_of_its_own_that_leaves_the_learners_alone() {
    let checkout = Checkout::new();
    checkout.commit();
    // A fix of the learner's, and the lesson's own edit of that line would not fit it.
    checkout.edit("crates/app/src/main.rs", "\"200 OK\";", "\"201 Created\";");
    checkout.git(&["commit", "--quiet", "--all", "--message=fix"]);
    checkout.edit("crates/app/src/main.rs", "//! A service", "//! My service");
    let report = checkout.json(&["validate", "1"]);
    let states = report["states"].as_array().unwrap();
    let ids: Vec<_> = states.iter().map(|state| state["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["starter", "another-column", "no-answers", "solution", "reset"]);
    assert!(states.iter().all(|state| state["runs"][0]["surprise"].is_null()), "{report:#}");
    assert!(!checkout.path(".lab/scenario-1").exists());
    checkout.assert_nothing_is_left();
}

#[test]
fn a_lesson_whose_starter_passes_is_found_out() {
    let checkout = Checkout::new();
    checkout.edit("docs/scenario-1/check.toml", "at_most = 100", "at_most = 10000");
    checkout.commit();
    let output = checkout.lab(&["validate", "1"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("things-are-found-by-an-index does not fail"), "{said}");
}
