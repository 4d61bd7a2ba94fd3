//! The open loop: requests begin at their times, whatever the server does.

use std::{
    io::Write,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use loadgen::{Limits, Outcome, Plan, search_rate};

use crate::{OK, Server, all, endpoint, plan, run};

fn at_rate(server: &Server, rate_per_s: f64, users: usize) -> Plan {
    Plan { rate_per_s: Some(rate_per_s), users, ..plan(server) }
}

/// Answers at once, but for 1.4 s from the first second on.
fn stalls() -> Server {
    let first = OnceLock::new();
    Server::start(move |stream, _| {
        let since = first.get_or_init(Instant::now).elapsed();
        let (from, until) = (Duration::from_secs(1), Duration::from_millis(2_400));
        if since >= from {
            thread::sleep(until.saturating_sub(since));
        }
        stream.write_all(OK.as_bytes())
    })
}

#[test]
fn a_stall_is_in_the_percentiles_of_the_open_loop_and_not_of_the_closed_one() {
    let server = stalls();
    let mut open = at_rate(&server, 2_000.0, 100);
    open.duration = Duration::from_secs(5);
    let total = all(Outcome::Ok, &run(&open));
    assert_eq!(total.requests, 10_000, "what was not sent in time is sent later, and nothing is made up");
    assert_eq!(server.answered(), 10_000);
    let latency = total.latency_ms.unwrap();
    assert!((1_200.0..2_000.0).contains(&latency.p99), "{latency:?}");

    let server = stalls();
    let closed = Plan { rate_per_s: None, target: server.target(), ..open };
    let latency = all(Outcome::Ok, &run(&closed)).latency_ms.unwrap();
    assert!(latency.p99 < 1_200.0 && latency.max > 1_200.0, "{latency:?}");
}

#[test]
fn requests_do_not_wait_for_answers() {
    let server = Server::start(|stream, _| {
        thread::sleep(Duration::from_millis(200));
        stream.write_all(OK.as_bytes())
    });
    let mut plan = at_rate(&server, 100.0, 50);
    plan.duration = Duration::from_secs(1);
    let total = all(Outcome::Ok, &run(&plan));
    assert_eq!((total.requests, server.answered()), (100, 100));
    assert!((20..50).contains(&server.connections()), "one per request under way: {}", server.connections());
}

#[test]
fn connections_are_used_again_before_others_are_opened() {
    let server = Server::saying(OK);
    let mut plan = at_rate(&server, 200.0, 1_000);
    plan.duration = Duration::from_secs(1);
    all(Outcome::Ok, &run(&plan));
    assert!(server.connections() <= 20, "{} connections for 200 requests", server.connections());
}

#[test]
fn a_connection_that_was_closed_while_idle_is_not_asked() {
    let server = Server::start(|stream, _| {
        stream.write_all(OK.as_bytes())?;
        Err(std::io::ErrorKind::Other.into())
    });
    let mut plan = at_rate(&server, 5.0, 1);
    plan.duration = Duration::from_secs(1);
    // Must not be sent twice.
    plan.endpoints[0].method = "POST".into();
    let total = all(Outcome::Ok, &run(&plan));
    assert_eq!((total.requests, total.retried, server.connections()), (5, 0, 5));
}

#[test]
fn waiting_for_a_connection_is_part_of_the_latency() {
    let server = Server::start(|stream, _| {
        thread::sleep(Duration::from_millis(20));
        stream.write_all(OK.as_bytes())
    });
    // One connection answers 50 a second at most; the last of 100 waits for nearly two seconds.
    let mut plan = at_rate(&server, 1_000.0, 1);
    plan.duration = Duration::from_millis(100);
    let total = all(Outcome::Ok, &run(&plan));
    assert_eq!((total.requests, server.connections()), (100, 1));
    assert!(total.latency_ms.unwrap().max >= 1_900.0, "{:?}", total.latency_ms);
}

#[test]
fn waiting_too_long_for_a_connection_is_an_error() {
    let server = Server::start(|_, _| Ok(()));
    let mut plan = at_rate(&server, 10_000.0, 2);
    (plan.duration, plan.timeout) = (Duration::from_millis(100), Duration::from_millis(200));
    let total = all(Outcome::Timeout, &run(&plan));
    assert_eq!(total.requests, 1_000);
    assert!(server.answered() < 900, "some were not even sent: {}", server.answered());
    let samples = &total.errors[&Outcome::Timeout].samples;
    assert!(samples.contains(&"no whole answer within 200ms".into()), "{samples:?}");
    assert!(samples.contains(&"no connection was free within 200ms".into()), "{samples:?}");
}

#[test]
fn threads_share_the_rate() {
    let server = Server::saying(OK);
    let mut plan = at_rate(&server, 500.0, 4);
    (plan.duration, plan.threads) = (Duration::from_secs(1), 2);
    let run = run(&plan);
    assert_eq!(all(Outcome::Ok, &run).requests, 500);
    assert!(run.generator.lag_p99_ms.is_some());
}

#[test]
fn the_warm_up_goes_over_into_the_measurement() {
    let server = Server::saying(OK);
    let mut plan = at_rate(&server, 100.0, 4);
    (plan.warm_up, plan.duration) = (Duration::from_millis(500), Duration::from_secs(1));
    let run = run(&plan);
    assert_eq!(all(Outcome::Ok, &run).requests, 100);
    assert_eq!(server.answered(), 150);
    assert!(run.longest_silence_ms < 500, "{} ms", run.longest_silence_ms);
}

#[test]
fn a_seed_decides_the_order_of_the_requests_whoever_takes_them() {
    let paths = |seed| {
        let server = Server::saying(OK);
        let mut plan = at_rate(&server, 200.0, 1);
        plan.endpoints = vec![endpoint("/a/{1..1000}"), endpoint("/b")];
        plan.seed = seed;
        run(&plan);
        server.seen.requests.lock().unwrap().clone()
    };
    let first_lines = |seed| {
        paths(seed).iter().map(|request| request.lines().next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(first_lines(7), first_lines(7));
    assert_ne!(first_lines(7), first_lines(8));
}

#[test]
fn what_waits_when_a_run_is_stopped_is_unanswered() {
    let server = Server::start(|_, _| Ok(()));
    let mut plan = at_rate(&server, 100.0, 2);
    (plan.duration, plan.timeout) = (Duration::from_secs(600), Duration::from_secs(60));
    let stop = AtomicBool::new(false);
    let run = loadgen::run(&plan, &stop, |progress| {
        stop.fetch_or(progress.elapsed > Duration::from_millis(500), Ordering::Relaxed);
    });
    let run = run.unwrap();
    let total = run.summary().total;
    assert_eq!((total.ok, total.requests), (0, total.unanswered.count));
    assert!((50..500).contains(&total.requests), "{total:?}");
}

#[test]
fn the_climb_finds_what_a_server_can_take() {
    // One answer at a time, and 10 ms for each: somewhat below 100 per second.
    let turn = Mutex::new(());
    let server = Server::start(move |stream, _| {
        let _turn = turn.lock().unwrap();
        thread::sleep(Duration::from_millis(10));
        stream.write_all(OK.as_bytes())
    });
    let plan = Plan { duration: Duration::from_secs(1), ..at_rate(&server, 25.0, 100) };
    let search_rate = search_rate(&plan, &Limits::default(), &AtomicBool::new(false), |_, _| ()).unwrap();
    let sustained = search_rate.sustained_per_s.expect("25 per second are a quarter of what it can do");
    assert!((25.0..=105.0).contains(&sustained), "{sustained}");
    assert!(search_rate.steps.iter().any(|step| step.why_not.is_some()));
}
