use anyhow::anyhow;
use serde_json::json;

use super::*;

fn measured(ok: u64, why_invalid: Option<&str>) -> Measured {
    let figures = json!({
        "requests": 100, "ok": ok, "errors": {}, "unanswered": {"count": 0, "oldest_ms": 0},
        "success_rate": ok as f64 / 100.0, "ok_per_s": ok as f64, "latency_ms": null,
    });
    let why_invalid = why_invalid.map(str::to_owned);
    let figures = serde_json::from_value(figures).unwrap();
    let invalid_indexes = Vec::new();
    Measured { figures, seen: Observations::default(), rows_read: Some(20), invalid_indexes, why_invalid }
}

fn judged(limits: &str, evidence: Evidence) -> GoalResult {
    let goal = format!(
        "id = 'x'\ntitle = 'X'\ntoo_little = 'little'\ntoo_much = 'much'\nnext = 'n'\nhints = 'h'\n{limits}"
    );
    GoalResult::goal(&toml::from_str(&goal).unwrap(), &evidence)
}

fn alone(measured: Measured) -> Evidence {
    Evidence { measured, alone: None, database_per_s: None }
}

const TWICE: &str = "measure = 'ok_per_s'\nrelative_to = 'alone'\nat_least = 2.0";

#[test]
fn a_goal_says_on_which_side_it_was_missed() {
    let limits = "measure = 'success_rate'\nat_least = 0.3\nat_most = 0.6";
    let why = |ok| judged(limits, alone(measured(ok, None))).why;
    assert_eq!(why(29).as_deref(), Some("little"));
    assert_eq!(why(45), None);
    assert_eq!(why(61).as_deref(), Some("much"));
}

#[test]
fn nothing_served_is_said_beside_the_cause() {
    let why = judged("measure = 'success_rate'\nat_least = 0.3", alone(measured(0, None))).why;
    assert_eq!(why.as_deref(), Some("no request was served: little"));
}

#[test]
fn nothing_served_fails_even_what_needs_no_answer() {
    let rows = judged("measure = 'rows_read'\nat_most = 100", alone(measured(0, None)));
    assert_eq!((rows.verdict, rows.whose), (Verdict::Fail, Some(Whose::YourSystem)));
}

#[test]
fn a_machine_that_is_too_busy_is_nobodys_fault_and_no_pass() {
    let busy = judged(TWICE, alone(measured(100, Some("the generator was busy"))));
    assert_ne!(busy.verdict, Verdict::Pass);
    let evidence =
        Evidence { alone: Some(measured(10, Some("the generator was busy"))), ..alone(measured(100, None)) };
    let busy = judged(TWICE, evidence);
    assert_eq!((busy.verdict, busy.whose), (Verdict::Inconclusive, Some(Whose::TheMachine)));
}

#[test]
fn what_could_not_be_measured_is_no_pass() {
    assert_eq!(judged(TWICE, alone(measured(100, None))).verdict, Verdict::Fail);
    let stale = judged("measure = 'stale_reads'\nat_most = 0.0", alone(measured(100, None)));
    assert_eq!((stale.verdict, stale.measured), (Verdict::Fail, None));
}

#[test]
fn where_nobody_answers_the_cause_of_a_broken_promise_is_another() {
    let promise = "id = 'x'\ntitle = 'X'\ncause = 'a cache'\nnext = 'look for it'";
    let promise: Promise = toml::from_str(promise).unwrap();
    let why = |error: anyhow::Error| GoalResult::promise(&promise, 0, Some(&error)).why.unwrap();
    assert_eq!(why(anyhow!("it is old")), "a cache (it is old)");
    assert_eq!(why(anyhow!("/feed answers 502").context(NoAnswer)), "no answer: /feed answers 502");
}

#[test]
fn a_server_that_is_alone_is_one_server() {
    let two = judged("measure = 'servers'\nat_least = 2", alone(measured(100, None)));
    assert_eq!((two.verdict, two.measured), (Verdict::Fail, Some(1.0)));
}

#[test]
fn how_evenly_one_server_shares_cannot_be_judged() {
    let shares = judged("measure = 'spread'\nat_most = 0.2", alone(measured(100, None)));
    assert_eq!((shares.verdict, shares.whose), (Verdict::Inconclusive, Some(Whose::YourSystem)));
    assert_eq!(
        shares.why.as_deref(),
        Some("one server answers all requests, so there is no share to compare")
    );
    let silent = judged("measure = 'spread'\nat_most = 0.2", alone(measured(0, None)));
    assert_eq!(silent.verdict, Verdict::Fail);
}

#[test]
fn servers_that_have_no_cpu_prove_nothing_against_a_system() {
    let verdict = |cores, limits: &str| {
        let seen =
            Observations { server_cores: Some(cores), server_size: Some(0.1), ..Observations::default() };
        let evidence = Evidence { alone: Some(measured(100, None)), ..alone(measured(100, None)) };
        let measured = Measured { seen, ..evidence.measured };
        judged(limits, Evidence { measured, ..evidence }).verdict
    };
    let needs_cpu = format!("{TWICE}\nneeds_cpu = true");
    assert_eq!(verdict(0.1, &needs_cpu), Verdict::Fail);
    assert_eq!(verdict(0.05, &needs_cpu), Verdict::Inconclusive);
    assert_eq!(verdict(0.05, TWICE), Verdict::Fail);
}

#[test]
fn an_invalid_index_is_the_cause_where_too_many_rows_are_read() {
    let invalid_indexes = vec!["posts_by_age".to_owned()];
    let evidence = alone(Measured { invalid_indexes, rows_read: Some(5_000), ..measured(100, None) });
    let goal = judged("measure = 'rows_read'\nat_most = 100", evidence);
    assert!(goal.why.unwrap().starts_with("the index posts_by_age is INVALID"));
    assert_eq!(goal.next.unwrap(), "Run: cargo lab sql -c \"DROP INDEX posts_by_age\". Then build it again.");
    let with_it = |measured| alone(Measured { invalid_indexes: vec!["posts_by_age".to_owned()], ..measured });
    let few = judged("measure = 'rows_read'\nat_most = 100", with_it(measured(100, None)));
    assert_eq!((few.verdict, few.why), (Verdict::Pass, None));
    let other = judged("measure = 'success_rate'\nat_least = 0.3", with_it(measured(20, None)));
    assert_eq!((other.why.as_deref(), other.next.as_deref()), (Some("little"), Some("n")));
}
