//! A run ends: by itself, when it is stopped, and when the server never answers.

use std::{
    io::Write,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use loadgen::{Endpoint, Outcome, Phase, Plan, Run};

use crate::{OK, Server, all, endpoint, plan};

/// Runs `plan` and stops it a moment into `phase`; also how long it took after that.
fn stop_at(phase: Phase, plan: &Plan) -> (Run, Duration) {
    let stop = AtomicBool::new(false);
    let mut stopped = None;
    let run = loadgen::run(plan, &stop, |progress| {
        if progress.phase == phase && !progress.elapsed.is_zero() && stopped.is_none() {
            stop.store(true, Ordering::Relaxed);
            stopped = Some(Instant::now());
        }
    });
    (run.expect("the plan can be run"), stopped.expect("it gets there").elapsed())
}

#[test]
fn a_server_that_never_answers_ends_no_later_than_the_timeout() {
    let server = Server::start(|_, _| Ok(()));
    let mut plan = plan(&server);
    plan.timeout = Duration::from_millis(500);
    let began = Instant::now();
    let run = crate::run(&plan);
    assert!(began.elapsed() < Duration::from_secs(5));
    // Each was given its time, past the end of the window.
    let total = all(Outcome::Timeout, &run);
    assert_eq!(total.requests, 2);
    assert_eq!((total.success_rate, total.ok_per_s, total.latency_ms), (0.0, 0.0, None));
    assert_eq!(run.longest_silence_ms, 300);
    let json = serde_json::to_value(run.summary()).unwrap();
    assert_eq!(json["success_rate"], 0.0);
    assert!(json["latency_ms"].is_null());
}

#[test]
fn a_stopped_run_returns_what_was_measured() {
    let server = Server::saying(OK);
    let mut plan = plan(&server);
    plan.duration = Duration::from_secs(600);
    let (run, took) = stop_at(Phase::Measure, &plan);
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(run.measured_s < 60.0);
    let total = all(Outcome::Ok, &run);
    assert_eq!(total.unanswered.count, 0);
    assert_eq!(total.ok, server.answered());
}

#[test]
fn what_is_unanswered_when_stopped_is_a_lower_bound() {
    let server = Server::start(|_, _| Ok(()));
    let mut plan = plan(&server);
    (plan.duration, plan.timeout) = (Duration::from_secs(600), Duration::from_secs(60));
    let (run, took) = stop_at(Phase::Measure, &plan);
    assert!(took < Duration::from_secs(5), "{took:?}");
    let total = run.summary().total;
    assert_eq!((total.requests, total.unanswered.count, total.success_rate), (2, 2, 0.0));
    assert!(total.unanswered.oldest_ms >= 1_000, "it is waited for another second: {total:?}");
}

#[test]
fn a_run_stopped_in_its_warm_up_has_measured_nothing() {
    let server = Server::saying(OK);
    let mut plan = plan(&server);
    plan.warm_up = Duration::from_secs(600);
    let (run, took) = stop_at(Phase::WarmUp, &plan);
    assert!(took < Duration::from_secs(5), "{took:?}");
    let total = run.summary().total;
    assert_eq!((run.measured_s, total.requests, total.success_rate, total.ok_per_s), (0.0, 0, 0.0, 0.0));
}

#[test]
fn what_is_in_flight_at_the_end_is_waited_for() {
    let server = Server::start(|stream, _| {
        std::thread::sleep(Duration::from_millis(400));
        stream.write_all(OK.as_bytes())
    });
    let total = all(Outcome::Ok, &crate::run(&plan(&server)));
    assert_eq!(total.requests, 2);
}

#[test]
fn a_target_that_refuses_is_an_error_before_any_load() {
    let server = Server::saying(OK);
    let plan = plan(&server);
    let refused = loadgen::run(&plan, &AtomicBool::new(false), |progress| {
        if progress.phase == Phase::Preflight {
            server.refuse();
            // The listener is gone when the port can be had again.
            while std::net::TcpListener::bind(server.target()).is_err() {}
        }
    });
    let message = format!("{:#}", refused.unwrap_err());
    assert_eq!(message, format!("no connection to {}: Connection refused (os error 111)", plan.target));
}

#[test]
fn an_impossible_plan_names_its_fault() {
    let server = Server::saying(OK);
    type Fault = fn(&mut Plan);
    let faults: [(Fault, &str); 10] = [
        (|plan| plan.endpoints.clear(), "the plan has no endpoints"),
        (|plan| plan.endpoints[0].weight = 0, "every endpoint has the weight 0"),
        (
            |plan| plan.endpoints = vec![Endpoint { weight: u32::MAX, ..endpoint("/") }; 2],
            "the weights add up to more than 4294967295",
        ),
        (|plan| plan.users = 0, "the plan has no users"),
        (|plan| plan.duration = Duration::ZERO, "the plan has a duration of 0"),
        (|plan| plan.target = "localhost".into(), "\"localhost\" is not HOST:PORT: invalid socket address"),
        (|plan| plan.endpoints[0].path = "feed".into(), "/: \"feed\" is not a path"),
        (|plan| plan.endpoints[0].path = "/a b".into(), "/: \"/a b\" is not a path"),
        (|plan| plan.endpoints[0].method = "".into(), "/: \"\" is not a method"),
        (
            |plan| plan.endpoints[0].headers = vec![("X".into(), "a\r\nb".into())],
            "/: \"X\": \"a\\r\\nb\" is not a header",
        ),
    ];
    for (fault, message) in faults {
        let mut plan = plan(&server);
        fault(&mut plan);
        let error = loadgen::run(&plan, &AtomicBool::new(false), |_| ()).unwrap_err();
        assert_eq!(format!("{error:#}"), message);
    }
}

#[test]
fn more_users_than_the_system_allows_files_are_refused() {
    let server = Server::saying(OK);
    let mut plan = plan(&server);
    plan.users = 2_000_000_000;
    let error = loadgen::run(&plan, &AtomicBool::new(false), |_| ()).unwrap_err().to_string();
    assert!(
        error.starts_with("2000000000 users need 2000000100 open files, and the system allows"),
        "{error}"
    );
}
