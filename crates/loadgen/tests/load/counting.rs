//! What is counted, and when.

use std::{
    io::Write,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use loadgen::{Outcome, Phase, Run};

use crate::{OK, Server, all, endpoint, plan, run};

#[test]
fn the_server_has_answered_what_the_generator_has_counted() {
    let server = Server::saying(OK);
    let mut plan = plan(&server);
    (plan.users, plan.threads) = (5, 2);
    let total = all(Outcome::Ok, &run(&plan));
    assert_eq!(server.answered(), total.ok);
    assert_eq!(server.connections(), 5);
    assert_eq!(total.success_rate, 1.0);
}

#[test]
fn the_warm_up_does_not_count() {
    let server = Server::saying(OK);
    let mut plan = plan(&server);
    plan.warm_up = Duration::from_millis(500);
    let warm = AtomicBool::new(false);
    let mut phases = Vec::new();
    let run = loadgen::run(&plan, &AtomicBool::new(false), |progress| {
        if phases.last() != Some(&progress.phase) {
            phases.push(progress.phase);
        }
        match progress.phase {
            Phase::WarmUp if progress.ok_per_s > 0.0 => warm.store(true, Ordering::Relaxed),
            Phase::WarmUp => assert_eq!(progress.ok, 0),
            _ => (),
        }
    })
    .unwrap();
    assert_eq!(phases, [Phase::Preflight, Phase::WarmUp, Phase::Measure, Phase::Drain]);
    assert!(warm.into_inner(), "the live line shows the warm-up");
    let total = all(Outcome::Ok, &run);
    assert!(total.ok < server.answered(), "{} of {}", total.ok, server.answered());
    assert_eq!(run.measured_s, 0.3);
}

#[test]
fn rows_and_blocks_add_up_to_the_total() {
    let server = Server::start(|stream, _| {
        thread::sleep(Duration::from_millis(5));
        stream.write_all(OK.as_bytes())
    });
    let mut plan = plan(&server);
    plan.duration = Duration::from_millis(2_300);
    let run = run(&plan);
    let total = all(Outcome::Ok, &run);
    let blocks = run.endpoints[0].blocks.iter().map(|block| block[&Outcome::Ok].count());
    assert_eq!(blocks.sum::<u64>(), total.ok);
    assert_eq!(run.endpoints[0].blocks.len(), 3);
    assert_eq!(run.rows.iter().map(|row| row.ok).sum::<u64>(), total.ok);
    assert_eq!(run.rows.iter().map(|row| row.second).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(run.rows.iter().all(|row| row.p50_ms >= Some(5.0) && row.p99_ms >= row.p50_ms), "{:?}", run.rows);
}

#[test]
fn live_percentiles_come_with_the_number_of_answers_that_they_rest_on() {
    let server = Server::start(|stream, _| {
        thread::sleep(Duration::from_millis(100));
        stream.write_all(OK.as_bytes())
    });
    let mut plan = plan(&server);
    plan.duration = Duration::from_secs(1);
    let mut most = 0;
    let run = loadgen::run(&plan, &AtomicBool::new(false), |progress| {
        assert_eq!(progress.latency_ms.is_none(), progress.latency_samples == 0);
        most = most.max(progress.latency_samples);
    });
    run.unwrap();
    // Two users, ten answers each.
    assert!((1..=20).contains(&most), "{most}");
}

#[test]
fn users_wait_all_the_time() {
    let server = Server::start(|stream, _| {
        thread::sleep(Duration::from_millis(20));
        stream.write_all(OK.as_bytes())
    });
    let mut plan = plan(&server);
    plan.duration = Duration::from_secs(1);
    let little = run(&plan).little().unwrap();
    // 2 % is for machines that do nothing else, and for runs that are long beside one answer.
    assert!((1.8..=2.2).contains(&little.in_flight), "{little:?}");
}

#[test]
fn a_stall_is_the_longest_silence() {
    let first = OnceLock::new();
    let server = Server::start(move |stream, _| {
        let stall = Duration::from_millis(300).checked_sub(first.get_or_init(Instant::now).elapsed());
        thread::sleep(stall.unwrap_or_default());
        stream.write_all(OK.as_bytes())
    });
    let mut plan = plan(&server);
    plan.duration = Duration::from_secs(1);
    let run = run(&plan);
    assert!((298..1_000).contains(&run.longest_silence_ms), "{} ms", run.longest_silence_ms);
    assert!(run.summary().total.latency_ms.unwrap().max >= 300.0);
}

#[test]
fn a_seed_decides_the_order_of_the_requests() {
    let paths = |seed| {
        let server = Server::saying(OK);
        let mut plan = plan(&server);
        plan.endpoints = vec![endpoint("/a"), endpoint("/b")];
        (plan.users, plan.seed) = (1, seed);
        run(&plan);
        let requests = server.seen.requests.lock().unwrap();
        requests.iter().take(64).map(|request| request.as_bytes()[5]).collect::<Vec<_>>()
    };
    assert_eq!(paths(7), paths(7));
    assert_ne!(paths(7), paths(8));
}

#[test]
fn a_request_goes_out_as_it_was_written() {
    let server = Server::saying(OK);
    let mut plan = plan(&server);
    plan.users = 1;
    let post = &mut plan.endpoints[0];
    (post.method, post.path, post.body) = ("POST".into(), "/posts?a=1".into(), r#"{"userId":7}"#.into());
    post.headers = vec![("Content-Type".into(), "application/json".into())];
    all(Outcome::Ok, &run(&plan));
    let requests = server.seen.requests.lock().unwrap();
    let expected = format!(
        "POST /posts?a=1 HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{}",
        plan.target, r#"{"userId":7}"#
    );
    assert!(requests.contains(&expected), "{:?}", requests.first());
    // One of some has a name beside that.
    let named = requests.iter().find_map(|request| request.split_once("X-Request-Id: load-")).unwrap();
    assert_eq!(format!("{}{}", named.0, named.1.split_once("\r\n").unwrap().1), expected);
}

#[test]
fn a_saved_run_reads_back_as_it_was() {
    let server = Server::saying(OK);
    let run = run(&plan(&server));
    let saved = serde_json::to_string(&run).unwrap();
    assert_eq!(serde_json::from_str::<Run>(&saved).unwrap(), run);
}
