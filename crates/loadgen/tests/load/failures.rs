//! Every way to get no answer lands in its class.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use loadgen::Outcome;

use crate::{OK, Server, all, plan, run};

#[test]
fn a_refused_connection_is_a_connect_error_and_no_busy_loop() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    let mut plan = plan(&server);
    plan.duration = Duration::from_secs(1);
    let run = loadgen::run(&plan, &AtomicBool::new(false), |progress| {
        if progress.ok > 0 {
            server.refuse();
        }
    });
    let total = run.unwrap().summary().total;
    assert!(total.ok > 0, "{total:?}");
    let refused = &total.errors[&Outcome::Connect];
    // Connections that the listener had not taken when it went are reset.
    assert!(refused.samples.contains(&"Connection refused (os error 111)".into()), "{:?}", refused.samples);
    assert!((1..=20).contains(&refused.count), "two users, a pause of 100 ms after each: {}", refused.count);
}

#[test]
fn no_answer_in_time_is_a_timeout() {
    let server = Server::start(|_, _| Ok(()));
    let mut plan = plan(&server);
    plan.timeout = Duration::from_millis(50);
    let total = all(Outcome::Timeout, &run(&plan));
    assert_eq!(total.errors[&Outcome::Timeout].samples, ["no whole answer within 50ms"]);
    assert_eq!(server.connections(), total.requests, "the late answer must not become the next one's");
}

#[test]
fn half_an_answer_in_time_is_a_timeout() {
    let server = Server::start(|stream, _| stream.write_all(&OK.as_bytes()[..OK.len() - 1]));
    let mut plan = plan(&server);
    plan.timeout = Duration::from_millis(50);
    all(Outcome::Timeout, &run(&plan));
}

#[test]
fn a_slow_answer_in_time_is_ok() {
    let server = Server::start(|stream, _| {
        thread::sleep(Duration::from_millis(20));
        stream.write_all(OK.as_bytes())
    });
    // Shorter than the run, so that the one timer of each user goes off between requests again and again.
    let mut plan = plan(&server);
    plan.timeout = Duration::from_millis(200);
    let total = all(Outcome::Ok, &run(&plan));
    assert!(total.latency_ms.unwrap().p50 >= 20.0);
}

#[test]
fn a_connection_that_ends_before_the_answer_is_a_reset() {
    for half in ["", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"] {
        let server = Server::start(move |stream, _| {
            stream.write_all(half.as_bytes())?;
            Err(io::ErrorKind::Other.into())
        });
        let total = all(Outcome::Reset, &run(&plan(&server)));
        assert_eq!(total.errors[&Outcome::Reset].samples, ["closed before the end of the answer"]);
        assert!(total.requests <= 2 * 4, "a pause of 100 ms after each: {total:?}");
    }
}

#[test]
fn a_connection_that_the_server_resets_is_a_reset() {
    let server = Server::resetting();
    let total = all(Outcome::Reset, &run(&plan(&server)));
    assert_eq!(total.errors[&Outcome::Reset].samples, ["Connection reset by peer (os error 104)"]);
}

#[test]
fn an_answer_that_is_not_http_is_a_parse_error() {
    for (answer, why) in [
        ("SSH-2.0-OpenSSH_9.2\r\n", "invalid HTTP version"),
        ("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", "invalid Content-Length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhello", "bytes after the end of the answer"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\n",
            "two different Content-Lengths",
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", "a chunk without a size"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5x\r\nhello", "invalid chunk size"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello",
            "a chunk that is longer than its size",
        ),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "an answer cannot have the status 101"),
    ] {
        let server = Server::saying(answer);
        let total = all(Outcome::Parse, &run(&plan(&server)));
        assert_eq!(total.errors[&Outcome::Parse].samples, [why], "{answer:?}");
    }
}

/// Answers every other request, and closes the connection on the others.
fn answers_every_other() -> Server {
    let asked = AtomicU64::new(0);
    Server::start(move |stream, _| match asked.fetch_add(1, Ordering::Relaxed) % 2 {
        0 => stream.write_all(OK.as_bytes()),
        _ => Err(io::ErrorKind::ConnectionReset.into()),
    })
}

#[test]
fn a_request_that_may_repeat_and_meets_a_closing_connection_is_sent_once_more() {
    let server = answers_every_other();
    let mut plan = plan(&server);
    plan.users = 1;
    let total = all(Outcome::Ok, &run(&plan));
    assert!(total.retried.abs_diff(total.requests) <= 1, "all but the first: {total:?}");
    assert_eq!(server.connections(), total.retried + 1);
}

#[test]
fn a_request_that_must_not_happen_twice_is_sent_once() {
    let server = answers_every_other();
    let mut plan = plan(&server);
    plan.users = 1;
    plan.endpoints[0].method = "POST".into();
    let total = run(&plan).summary().total;
    assert_eq!(total.retried, 0);
    assert!(total.errors[&Outcome::Reset].count > 0, "{total:?}");
}
