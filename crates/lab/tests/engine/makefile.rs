//! What `make` makes of the lab's exit codes.

use std::{path::Path, process::Command};

/// Runs `make verb` with a lab that ends with `code`; whether make is content.
fn is_content(verb: &str, code: i32) -> bool {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let lab = format!("LAB=@sh -c 'exit {code}'");
    let make = Command::new("make").args([verb, &lab]).current_dir(repository).output().unwrap();
    make.status.success()
}

#[test]
fn a_verdict_is_no_error_of_make_and_what_the_lab_could_not_do_is_one() {
    for verb in ["check", "compare", "ab", "predict", "loadtest"] {
        for verdict in [0, 1, 3] {
            assert!(is_content(verb, verdict), "{verb} {verdict}");
        }
        // The lab's own errors, cargo's, and Ctrl-C.
        for error in [2, 101, 130] {
            assert!(!is_content(verb, error), "{verb} {error}");
        }
    }
    assert!(!is_content("status", 1));
}

/// What `make` would run for `scenario-1`, with these variables.
fn recipe(variables: &[(&str, &str)]) -> String {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut make = Command::new("make");
    make.args(["--just-print", "scenario-1", "POSTS=5"]).current_dir(repository);
    // This test may itself be run by make.
    make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL");
    make.env_remove("LAB_IN_CONTAINER").env_remove("LAB_CONTAINER").envs(variables.iter().copied());
    String::from_utf8(make.output().unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
fn a_verb_is_passed_on_to_the_labs_container_and_runs_in_there() {
    let native = "cargo run --bin lab -- up 1";
    assert_eq!(recipe(&[]), native);
    let passed_on = "devcontainers/in-container make scenario-1 POSTS=5";
    assert_eq!(recipe(&[("LAB_IN_CONTAINER", "1")]), passed_on);
    assert_eq!(recipe(&[("LAB_IN_CONTAINER", "1"), ("LAB_CONTAINER", "name")]), native);
}
