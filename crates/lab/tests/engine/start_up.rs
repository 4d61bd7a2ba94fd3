//! What a start and `lab status` say: what each service waits for, when it is ready, what is not ready yet, and what else runs.

use std::{fs, time::Duration};

use crate::checkout::{Checkout, quiet, stderr, within};

/// The lines about `service`, in their order.
fn lines_of<'a>(said: &'a str, service: &str) -> Vec<&'a str> {
    let start = format!("{service}: ");
    said.lines().filter_map(|line| line.strip_prefix(&start)).collect()
}

/// `ready after 0.4 s`
fn is_ready_line(line: &str) -> bool {
    let seconds = line.strip_prefix("ready after ").and_then(|rest| rest.strip_suffix(" s"));
    seconds.is_some_and(|seconds| seconds.parse::<f64>().is_ok())
}

#[test]
fn a_start_names_what_each_service_waits_for_and_ends_with_ready_and_the_seconds() {
    let checkout = Checkout::new();
    let up = || checkout.command(&["up", "1"]).env("SEED_SLEEP_S", "0.5").output().unwrap();
    let output = up();
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    let database = lines_of(&said, "db");
    let app = lines_of(&said, "app");
    assert_eq!(database[0], "waiting until PostgreSQL accepts connections", "{said}");
    assert!(database.contains(&"creating the tables and the rows of the lesson"), "{said}");
    assert_eq!(app[0], "waiting until db is ready", "{said}");
    for lines in [&database, &app] {
        assert!(lines.last().is_some_and(|line| is_ready_line(line)), "{said}");
    }
    // What runs on is no news; another process is.
    let again = stderr(&up());
    assert_eq!((lines_of(&again, "db"), lines_of(&again, "app")), (vec![], vec![]), "{again}");
    let restart = stderr(&checkout.lab(&["restart"]));
    assert!(lines_of(&restart, "db").is_empty(), "{restart}");
    assert!(lines_of(&restart, "app").last().is_some_and(|line| is_ready_line(line)), "{restart}");
}

#[test]
fn the_status_during_a_start_says_that_the_database_is_not_ready_yet() {
    let checkout = Checkout::new();
    let mut up = quiet(checkout.command(&["up", "1"]).env("SEED_SLEEP_S", "3"));
    let seeds = || {
        fs::read_to_string(checkout.path(".lab/scenario-1/status.json"))
            .is_ok_and(|status| status.contains("creating the tables"))
    };
    within(Duration::from_secs(60), "the database is seeded", seeds);
    let text = String::from_utf8(checkout.lab(&["status"]).stdout).unwrap();
    assert!(text.contains("rows   not counted: db is not ready yet"), "{text}");
    assert!(!text.contains("FATAL"), "{text}");
    let database = checkout.json(&["status"])["database"].clone();
    assert_eq!((&database["ready"], &database["tables"]), (&false.into(), &serde_json::json!({})));
    assert!(up.wait().unwrap().success());
    // The same while the database is missing for another reason: a reset replaces it.
    checkout.lab(&["sql", "-d", "postgres", "-c", "ALTER DATABASE app RENAME TO other"]);
    let output = checkout.lab(&["status"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("FATAL"), "{text}");
}

#[test]
fn the_status_names_the_other_scenarios_that_run() {
    let checkout = Checkout::new();
    checkout.up();
    assert_eq!(checkout.json(&["status"])["others"], serde_json::json!([]));
    checkout.json(&["up", "2"]);
    let text = String::from_utf8(checkout.lab(&["status"]).stdout).unwrap();
    assert!(text.starts_with("Scenario 2: "), "{text}");
    assert!(text.contains("runs, too. See it with: cargo lab status 1"), "{text}");
    let first = String::from_utf8(checkout.lab(&["status", "1"]).stdout).unwrap();
    assert!(first.starts_with("Scenario 1: ") && first.contains("cargo lab status 2"), "{first}");
}
