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

#[test]
fn what_the_compiler_warns_of_is_in_the_status_and_the_log_and_on_the_page() {
    let checkout = Checkout::new();
    checkout.edit("crates/app/src/main.rs", "fn main() {", "fn main() {\n    let unused = 1;");
    let page = checkout.start_page();
    let shown = || String::from_utf8(checkout.lab(&["status"]).stdout).unwrap();
    let warns = "The compiler warns of your program: unused variable: `unused` (crates/app/src/main.rs:";
    assert!(shown().contains(warns) && shown().contains("cargo lab logs build"), "{}", shown());
    let log = String::from_utf8(checkout.lab(&["logs", "build"]).stdout).unwrap();
    assert!(log.contains("let unused = 1;") && log.contains("unused variable"), "{log}");
    let cookie = page.cookie();
    let bar = || {
        let answer = page.ask("GET", "/", &[("Cookie", &cookie)], "");
        String::from_utf8(answer.body).unwrap()
    };
    assert!(bar().contains("1 compiler warning in your program"), "{}", bar());
    // The same after a change is saved, in both directions.
    let warnings = || checkout.json(&["status"])["warnings"].as_array().unwrap().len();
    checkout.edit("crates/app/src/main.rs", "let unused = 1;", "let unused = 1;\n    let more = 2;");
    within(SOON, "there are two", || warnings() == 2);
    assert!(shown().contains("The compiler has 2 warnings for your program"), "{}", shown());
    checkout.edit("crates/app/src/main.rs", "    let unused = 1;\n    let more = 2;", "");
    within(SOON, "the status lists no warning", || warnings() == 0);
    assert!(!shown().contains("compiler"), "{}", shown());
    assert!(!bar().contains("compiler warning"), "{}", bar());
}
