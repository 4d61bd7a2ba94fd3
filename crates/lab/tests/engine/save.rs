//! Save a file, and the new program serves.

use std::time::Duration;

use crate::checkout::{Checkout, stderr, within};

const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_saved_change_is_built_and_served() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.edit("crates/app/src/main.rs", "\"one\"", "\"two\"");
    let took = within(SOON, "the new word is served", || checkout.word().as_deref() == Some("two"));
    println!("save_to_serving_s: {:.2}", took.as_secs_f64());
}

#[test]
fn a_change_that_does_not_compile_leaves_the_old_program_running_and_is_shown() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.edit("crates/app/src/main.rs", "\"one\"", "one");
    let build = || checkout.json(&["status"])["build"].clone();
    within(SOON, "the build has failed", || build()["state"] == "failed");
    assert!(build()["message"].as_str().unwrap().contains("cannot find value `one`"), "{}", build());
    assert_eq!(checkout.word().as_deref(), Some("one"));
    // Measuring now would measure the wrong program.
    let load = checkout.lab(&["load"]);
    assert_eq!(load.status.code(), Some(2));
    assert!(stderr(&load).contains("cannot find value `one`"), "{}", stderr(&load));
    checkout.edit("crates/app/src/main.rs", "= one", "= \"three\"");
    within(SOON, "the mended word is served", || checkout.word().as_deref() == Some("three"));
    within(SOON, "the build counts as current", || build()["state"] == "current");
}
