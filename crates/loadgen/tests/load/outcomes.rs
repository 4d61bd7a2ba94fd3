//! Every answer, and every way to get none, lands in its class.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use loadgen::Outcome;

use crate::{Server, all, endpoint, plan, run};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

#[test]
fn an_answer_below_400_is_ok() {
    for answer in [
        OK,
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi",
    ] {
        let server = Server::saying(answer);
        all(Outcome::Ok, &run(&plan(&server)));
        assert_eq!(server.connections(), 2, "a connection per user for {answer:?}");
    }
}

#[test]
fn an_error_status_is_an_error_with_three_different_bodies() {
    let count = AtomicU64::new(0);
    let server = Server::start(move |stream, _| {
        let body = format!(
            "no connection came free, request {:03}",
            count.fetch_add(1, Ordering::Relaxed) % 100
        );
        write!(
            stream,
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    });
    let total = all(Outcome::Status5xx, &run(&plan(&server)));
    let samples = &total.errors[&Outcome::Status5xx].samples;
    assert_eq!(samples.len(), 3);
    assert!(
        samples
            .iter()
            .all(|sample| sample.starts_with("no connection came free")),
        "{samples:?}"
    );
    assert_eq!(server.connections(), 2, "an answered error costs no connection");
    assert_eq!(
        total.latency_ms, None,
        "the speed of an error is nobody's latency"
    );
}

#[test]
fn a_wrong_request_is_a_4xx_and_names_its_status_where_there_is_no_body() {
    let server = Server::saying("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let total = all(Outcome::Status4xx, &run(&plan(&server)));
    assert_eq!(
        total.errors[&Outcome::Status4xx].samples,
        ["status 404 without a body"]
    );
}

#[test]
fn a_body_without_what_is_demanded_is_a_failed_check() {
    let server = Server::saying(OK);
    let mut plan = plan(&server);
    plan.endpoints[0].contains = Some("hell".into());
    all(Outcome::Ok, &run(&plan));
    plan.endpoints[0].contains = Some("heaven".into());
    let total = all(Outcome::Check, &run(&plan));
    assert_eq!(total.errors[&Outcome::Check].samples, ["hello"]);
}

#[test]
fn a_chunked_answer_may_be_cut_anywhere() {
    let server = Server::start(|stream, _| {
        let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n";
        answer.iter().try_for_each(|byte| stream.write_all(&[*byte]))
    });
    let mut plan = plan(&server);
    plan.endpoints[0].contains = Some("hello world".into());
    all(Outcome::Ok, &run(&plan));
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_server_that_closes_after_each_answer_is_asked_on_a_new_connection() {
    for answer in [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\n\r\nuntil the end",
    ] {
        let server = Server::start(move |stream, _| {
            stream.write_all(answer.as_bytes())?;
            stream.shutdown(std::net::Shutdown::Write)
        });
        let total = all(Outcome::Ok, &run(&plan(&server)));
        assert_eq!(server.connections(), total.requests, "{answer:?}");
    }
}

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
    assert!(
        refused
            .samples
            .contains(&"Connection refused (os error 111)".into()),
        "{:?}",
        refused.samples
    );
    assert!(
        (1..=20).contains(&refused.count),
        "two users, a pause of 100 ms after each: {}",
        refused.count
    );
}

#[test]
fn no_answer_in_time_is_a_timeout() {
    let server = Server::start(|_, _| Ok(()));
    let mut plan = plan(&server);
    plan.timeout = Duration::from_millis(50);
    let total = all(Outcome::Timeout, &run(&plan));
    assert_eq!(
        total.errors[&Outcome::Timeout].samples,
        ["no whole answer within 50ms"]
    );
    assert_eq!(
        server.connections(),
        total.requests,
        "the late answer must not become the next one's"
    );
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
        assert_eq!(
            total.errors[&Outcome::Reset].samples,
            ["closed before the end of the answer"]
        );
        assert!(total.requests <= 2 * 4, "a pause of 100 ms after each: {total:?}");
    }
}

#[test]
fn a_connection_that_the_server_resets_is_a_reset() {
    let server = Server::resetting();
    let total = all(Outcome::Reset, &run(&plan(&server)));
    assert_eq!(
        total.errors[&Outcome::Reset].samples,
        ["Connection reset by peer (os error 104)"]
    );
}

#[test]
fn an_answer_that_is_not_http_is_a_parse_error() {
    for (answer, why) in [
        ("SSH-2.0-OpenSSH_9.2\r\n", "invalid HTTP version"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
            "invalid Content-Length",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhello",
            "bytes after the end of the answer",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\n",
            "two different Content-Lengths",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
            "a chunk without a size",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5x\r\nhello",
            "invalid chunk size",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello",
            "a chunk that is longer than its size",
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "101 switches to a protocol that nobody asked for",
        ),
    ] {
        let server = Server::saying(answer);
        let total = all(Outcome::Parse, &run(&plan(&server)));
        assert_eq!(total.errors[&Outcome::Parse].samples, [why], "{answer:?}");
    }
}

#[test]
fn endpoints_have_results_of_their_own() {
    let server = Server::start(|stream, request| {
        let status = if request.starts_with("GET /good ") {
            "200 OK"
        } else {
            "500 Oh"
        };
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")
    });
    let mut plan = plan(&server);
    plan.endpoints = vec![endpoint("/good"), endpoint("/bad"), endpoint("/never")];
    plan.endpoints[0].weight = 3;
    plan.endpoints[2].weight = 0;
    let summary = run(&plan).summary();
    let [good, bad, never] = summary.endpoints.as_slice() else {
        panic!("{summary:?}")
    };
    assert_eq!((good.figures.success_rate, bad.figures.success_rate), (1.0, 0.0));
    assert_eq!(
        bad.figures.errors[&Outcome::Status5xx].count,
        bad.figures.requests
    );
    assert_eq!(never.figures.requests, 0);
    assert_eq!(
        summary.total.requests,
        good.figures.requests + bad.figures.requests
    );
    let share = summary.total.success_rate;
    assert!(
        (0.7..0.8).contains(&share),
        "three in four should be good: {share}"
    );
}
