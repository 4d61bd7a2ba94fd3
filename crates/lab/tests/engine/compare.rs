//! `lab compare`, `lab ab` and `lab report`.

use std::{fs, path::Path, time::Duration};

use serde_json::Value;
use testkit::require::missing;

use crate::checkout::{Checkout, stderr, within};

/// Makes a load test, and changes what was saved of it.
fn load(checkout: &Checkout, change: impl FnOnce(&mut Value)) {
    let report = checkout.load(&[]);
    let id = report["run_id"].as_str().unwrap();
    let path = checkout.path(&format!(".lab/scenario-1/runs/{id}.json"));
    let mut saved: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    // Where the generator had too little CPU, the run says so. That is not what is tested here.
    saved["run"]["why_invalid"] = Value::Null;
    change(&mut saved);
    fs::write(path, saved.to_string()).unwrap();
}

/// Saves an edit of the service's word, and waits until it is served.
fn say(checkout: &Checkout, word: &str) {
    checkout.edit("crates/app/src/main.rs", "\"one\"", &format!("\"{word}\""));
    within(Duration::from_secs(60), "the new word is served", || checkout.word().as_deref() == Some(word));
}

/// The output of `lab` with `--json`, also if the result is inconclusive.
fn json(checkout: &Checkout, arguments: &[&str]) -> Value {
    let output = checkout.command(arguments).arg("--json").output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)))
}

/// `verdict`, unless a run could not be believed.
fn expected(compared: &Value, verdict: &'static str) -> &'static str {
    if compared["doubts"].as_array().unwrap().is_empty() { verdict } else { "inconclusive" }
}

#[test]
fn two_runs_of_one_program_are_compared_figure_by_figure() {
    let checkout = Checkout::new();
    checkout.up();
    load(&checkout, |_| ());
    load(&checkout, |_| ());
    let compared = json(&checkout, &["compare"]);
    assert_eq!((&compared["before"], &compared["after"]), (&"001".into(), &"002".into()));
    let throughput = &compared["changes"][0];
    assert_eq!(throughput["figure"], "ok_per_s");
    let [low, change, high] = ["low", "change", "high"].map(|key| throughput[key].as_f64().unwrap());
    assert!(low <= change && change <= high, "{throughput}");
    assert_eq!(compared["changes"][2]["verdict"], "no_difference");
    // On a busy machine the result may be inconclusive, as the exit code shows.
    let inconclusive = throughput["verdict"] == "inconclusive";
    let code = checkout.lab(&["compare"]).status.code();
    assert_eq!(code, Some(if inconclusive { 3 } else { 0 }), "{throughput}");
}

#[test]
fn a_server_that_fails_half_of_the_time_is_worse() {
    let checkout = Checkout::new();
    checkout.up();
    load(&checkout, |_| ());
    load(&checkout, |saved| {
        for block in saved["run"]["endpoints"][0]["blocks"].as_array_mut().unwrap() {
            block["status_5xx"] = block["ok"].clone();
        }
    });
    let success = &json(&checkout, &["compare"])["changes"][2];
    assert_eq!(success["verdict"], "worse");
    assert!((success["change"].as_f64().unwrap() + 0.5).abs() < 1e-9, "{success}");
}

#[test]
fn runs_on_other_data_are_refused_unless_they_shall_be_compared_anyway() {
    let checkout = Checkout::new();
    checkout.up();
    load(&checkout, |saved| saved["rows"]["things"] = 50_000.into());
    load(&checkout, |_| ());
    let refused = checkout.lab(&["compare"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("rows of things 50000 / 5000"), "{}", stderr(&refused));
    assert_eq!(
        json(&checkout, &["compare", "1", "2", "--anyway"])["unlike"][0],
        "rows of things 50000 / 5000"
    );
}

/// The lesson's load takes 1 s, so that these are changed after the fact.
#[test]
fn lengths_ends_and_overlaps_are_stated_and_a_worse_run_replaces_no_better_one() {
    let checkout = Checkout::new();
    checkout.up();
    let at = |saved: &mut Value, started: u64| saved["started_unix_s"] = started.into();
    load(&checkout, |saved| at(saved, 1_000));
    load(&checkout, |saved| {
        at(saved, 2_000);
        saved["run"]["measured_s"] = 0.3.into();
    });
    load(&checkout, |saved| {
        at(saved, 3_000);
        saved["run"]["why_invalid"] = "the load generator stood still for 8.0 s".into();
    });
    let results = checkout.json(&["results"]);
    let row = &results["runs"][0];
    assert_eq!((&row["run_id"], &row["length"]), (&"001".into(), &"1 s".into()));
    assert_eq!(row["repeats"], serde_json::json!(["002", "003"]));
    let text = String::from_utf8(checkout.lab(&["results"]).stdout).unwrap();
    assert!(text.contains("Run 001 also stands for 002, 003"), "{text}");
    let refused = checkout.lab(&["compare", "1", "2"]);
    assert!(stderr(&refused).contains("length 1 s / stopped after 0.3 s of 1 s"), "{}", stderr(&refused));

    load(&checkout, |saved| {
        at(saved, 4_000);
        saved["run"]["plan"]["duration_s"] = 5.0.into();
        saved["run"]["measured_s"] = 5.0.into();
    });
    assert_eq!(checkout.json(&["results"])["runs"][1]["length"], "5 s");
    load(&checkout, |saved| {
        at(saved, 4_002);
        saved["run"]["plan"]["duration_s"] = 5.0.into();
        saved["run"]["measured_s"] = 5.0.into();
    });
    let compared = json(&checkout, &["compare"]);
    assert_eq!(compared["doubts"][0], "run 004: run 005 loaded the same system at the same time");
    assert_eq!(compared["changes"][0]["verdict"], "inconclusive");
}

#[test]
fn repeated_runs_tell_how_much_equal_runs_differ_here() {
    let checkout = Checkout::new();
    checkout.up();
    for _ in 0..4 {
        if checkout.lab(&["load"]).status.code() != Some(0) {
            return missing("a quiet machine", "other programs use its CPU, so no load test was valid");
        }
    }
    let noise: Value = serde_json::from_slice(&fs::read(checkout.path(".lab/noise.json")).unwrap()).unwrap();
    assert_eq!(noise["runs"], 3);
    assert!(noise["relative"].as_f64().unwrap() >= 0.0);
}

#[test]
fn a_report_is_one_file_that_shows_both_runs_and_what_was_changed_between_them() {
    let checkout = Checkout::new();
    checkout.up();
    load(&checkout, |_| ());
    say(&checkout, "one and more");
    load(&checkout, |_| ());
    let report = |arguments: &[&str]| {
        let path = checkout.json(arguments)["path"].as_str().unwrap().to_owned();
        fs::read_to_string(Path::new(&path)).unwrap()
    };
    let single = report(&["report", "1"]);
    assert!(single.contains("<svg") && single.contains("Run 001"));
    let both = report(&["report", "1", "2"]);
    for expected in ["Run 002 against run 001", "run 001: ok", "run 002: p99", "one and more", "Verdict"] {
        assert!(both.contains(expected), "{expected}");
    }
    for page in [single, both] {
        assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    }
}

#[test]
fn two_programs_are_loaded_by_turns_and_nothing_is_left() {
    let checkout = Checkout::new();
    let options = ["--scenario", "1", "--rounds", "6", "--duration", "1s"];
    let compared = json(&checkout, &[&["ab", "starter", "starter"], &options[..]].concat());
    assert_eq!(compared["runs"], 6);
    assert_eq!(compared["changes"][2]["verdict"], expected(&compared, "no_difference"));
    checkout.assert_nothing_is_left();
    assert!(!checkout.path(".lab/smoke/scenario-1").exists());
}

#[test]
fn the_code_of_two_runs_is_loaded_again_by_turns() {
    let checkout = Checkout::new();
    checkout.commit();
    checkout.up();
    load(&checkout, |_| ());
    // Not what the lesson demands of an answer.
    say(&checkout, "two");
    load(&checkout, |_| ());
    let compared = json(&checkout, &["ab", "1", "2", "--rounds", "6", "--duration", "1s"]);
    let success = &compared["changes"][2];
    assert_eq!((&success["before"], &success["after"]), (&1.0.into(), &0.0.into()));
    assert_eq!(success["verdict"], expected(&compared, "worse"));
}
