//! `lab check` and the commands that use its report: only a correct system passes.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;

use crate::checkout::{Checkout, signal, stderr, within};

const SOURCE: &str = "crates/app/src/main.rs";

impl Checkout {
    /// The exit code, and what was printed.
    fn check(&self) -> (i32, Value) {
        let output = self.command(&["check", "--json"]).output().unwrap();
        (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
    }

    /// The first claim that is not reached.
    fn first_missed(&self) -> String {
        let (code, report) = self.check();
        assert_eq!((code, &report["verdict"]), (1, &Value::from("FAIL")), "{report:#}");
        let claims = report["goals"].as_array().unwrap();
        claims.iter().find(|claim| claim["verdict"] == "FAIL").unwrap()["id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_system_fails_until_it_is_fixed_and_its_progress_is_kept() {
    let checkout = Checkout::new();
    checkout.up();
    let (code, report) = checkout.check();
    assert_eq!(code, 1);
    let index = &report["goals"].as_array().unwrap()[3];
    assert_eq!(index["id"], "things-are-found-by-an-index");
    assert_eq!((&index["measured"], &index["unit"]), (&Value::from(5_000.0), &Value::from("rows")));
    assert_eq!(index["limit"], "at most 100 rows");
    assert_eq!((&index["why"], &index["whose"]), (&"the whole table is read".into(), &"your_system".into()));
    checkout.lab(&["apply-fix"]);
    let (code, report) = checkout.check();
    assert_eq!((code, &report["verdict"]), (0, &Value::from("PASS")), "{report:#}");
    let progress = checkout.json(&["progress"]);
    assert_eq!(progress["lessons"]["scenario-1"]["checks"], 2);
    assert!(progress["lessons"]["scenario-1"]["done_unix_s"].is_u64(), "{progress:#}");
}

#[test]
fn a_verdict_is_marked_once_something_has_changed() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.lab(&["apply-fix"]);
    let (code, report) = checkout.check();
    assert_eq!(code, 0, "{report:#}");
    let is_stale = || {
        let progress = checkout.json(&["progress"]);
        (progress["lessons"]["scenario-1"]["last_check"]["is_stale"].clone(), progress["next"].clone())
    };
    assert_eq!(is_stale(), (false.into(), "make scenario-2".into()));
    // The database, without the lab's knowledge.
    checkout.lab(&["sql", "-c", "CREATE INDEX surplus ON things (id)"]);
    assert_eq!(is_stale(), (true.into(), "make check".into()));
    let text = String::from_utf8(checkout.lab(&["progress"]).stdout).unwrap();
    assert!(text.contains("before your last change: check again"), "{text}");
    checkout.lab(&["sql", "-c", "DROP INDEX surplus"]);
    assert_eq!(is_stale().0, false);
    // A file.
    checkout.edit(SOURCE, "STATUS: &str", "STATUS : &str");
    assert_eq!(is_stale().0, true);
}

#[test]
fn the_end_of_a_lesson_sums_up_the_runs_and_names_the_next() {
    let checkout = Checkout::new();
    let lesson = "Why?\n\n```text\nYour answer:\n```\n\nHow?\n\n```text\nYour answer: so\n```\n";
    fs::write(checkout.path("docs/scenario-1/SCENARIO.md"), lesson).unwrap();
    checkout.up();
    checkout.load(&["--duration", "1s"]);
    checkout.lab(&["apply-fix"]);
    checkout.load(&["--duration", "1s"]);
    let (_, report) = checkout.check();
    let end = &report["end"];
    let runs: Vec<_> = end["runs"].as_array().unwrap().iter().map(|run| run["run_id"].clone()).collect();
    assert_eq!(runs, ["001", "002"], "{end:#}");
    assert_eq!(end["next"]["scenario"], 2);
    assert_eq!((&end["unanswered"], &end["questions"]), (&1.into(), &2.into()));
    assert_eq!(checkout.json(&["results"])["comparable"], serde_json::json!(["001", "002"]));
}

#[test]
fn an_error_to_everybody_is_never_green() {
    let checkout = Checkout::new();
    checkout.edit(SOURCE, "STATUS: &str = \"200 OK\"", "STATUS: &str = \"502 Bad Gateway\"");
    checkout.up();
    checkout.lab(&["apply-fix"]);
    assert_eq!(checkout.first_missed(), "everybody-is-served");
}

#[test]
fn data_that_are_gone_or_wrong_are_never_green() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.lab(&["apply-fix"]);
    checkout.lab(&["sql", "-c", "UPDATE things SET name = 'nothing' WHERE id = 7"]);
    assert_eq!(checkout.first_missed(), "things-are-things");
    checkout.lab(&["sql", "-c", "DELETE FROM things WHERE id > 100"]);
    assert_eq!(checkout.first_missed(), "rows-are-there");
}

#[test]
fn what_a_crash_of_the_database_would_lose_is_never_green() {
    let checkout = Checkout::new();
    checkout.edit("docs/scenario-1/check.toml", "holds =", "crash = true\nholds =");
    checkout.up();
    checkout.lab(&["apply-fix"]);
    assert_eq!(checkout.check().0, 0);
    checkout.lab(&["sql", "-c", "ALTER TABLE things SET UNLOGGED"]);
    assert_eq!(checkout.first_missed(), "things-are-things");
}

#[test]
fn a_system_that_does_not_run_is_never_green() {
    let checkout = Checkout::new();
    let (code, report) = checkout.check();
    assert_eq!(code, 2);
    assert!(report["error"].as_str().unwrap().contains("make scenario-1"), "{report}");
    checkout.up();
    checkout.edit(SOURCE, "\"one\"", "one");
    within(Duration::from_secs(20), "the build fails", || {
        checkout.json(&["status"])["build"]["state"] == "failed"
    });
    assert_eq!(checkout.first_missed(), "compiles");
    checkout.edit(SOURCE, "&str = one", "&str = \"one\"");
    checkout.edit("compose/scenario-1.yml", "APP_ENDS:-no", "APP_ENDS:-yes");
    assert_eq!(checkout.first_missed(), "is-started");
    checkout.lab(&["up", "1"]);
    assert_eq!(checkout.first_missed(), "serves");
}

#[test]
fn hints_follow_what_was_missed_and_the_last_can_be_locked() {
    let checkout = Checkout::new();
    checkout.up();
    let hint = || checkout.json(&["hint"])["text"].as_str().unwrap().to_owned();
    assert!(hint().contains("make loadtest"), "{}", hint());
    fs::write(checkout.path("classroom.toml"), "lock_solutions = true").unwrap();
    checkout.check();
    assert_eq!([hint(), hint(), hint()], ["first", "second", "third"]);
    assert!(hint().contains("locked"), "{}", hint());
    assert!(stderr(&checkout.lab(&["solution"])).contains("locked"));
    checkout.lab(&["apply-fix"]);
    checkout.check();
    assert!(hint().contains("no hints are left"), "{}", hint());
    assert!(checkout.lab(&["solution"]).status.success());
}

#[test]
fn a_hint_that_is_repeated_says_so() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.check();
    let hints: Vec<_> = (0..6).map(|_| String::from_utf8(checkout.lab(&["hint"]).stdout).unwrap()).collect();
    let is_repeated: Vec<_> = hints.iter().map(|hint| hint.contains("There are no more hints")).collect();
    assert_eq!(is_repeated, [false, false, false, false, true, true], "{hints:#?}");
}

#[test]
fn progress_that_cannot_be_read_is_left_as_it_is() {
    let checkout = Checkout::new();
    checkout.up();
    fs::write(checkout.path(".lab/progress.json"), "{").unwrap();
    checkout.check();
    assert_eq!(fs::read_to_string(checkout.path(".lab/progress.json")).unwrap(), "{");
    let output = checkout.lab(&["progress"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("progress.json"), "{}", stderr(&output));
}

#[test]
fn watching_says_when_a_goal_turns() {
    let checkout = Checkout::new();
    checkout.up();
    let mut watch =
        checkout.command(&["watch"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("waiting for a change")));
    checkout.lab(&["apply-fix"]);
    let turned = lines.find(|line| line.contains("things") || line.contains("Things")).unwrap();
    assert_eq!(turned, "PASS         (was FAIL) Things are found without reading the others");
    signal("INT", watch.id());
    assert_eq!(watch.wait().unwrap().code(), Some(0));
}
