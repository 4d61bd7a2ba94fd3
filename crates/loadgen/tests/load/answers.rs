//! Every answer lands in its class.

use std::{
    io::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use loadgen::Outcome;

use crate::{OK, Server, all, endpoint, plan, run};

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
        let body =
            format!("no connection came free, request {:03}", count.fetch_add(1, Ordering::Relaxed) % 100);
        write!(stream, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    });
    let total = all(Outcome::Status5xx, &run(&plan(&server)));
    let samples = &total.errors[&Outcome::Status5xx].samples;
    assert_eq!(samples.len(), 3);
    assert!(samples.iter().all(|sample| sample.starts_with("no connection came free")), "{samples:?}");
    assert_eq!(server.connections(), 2, "an answered error costs no connection");
    assert_eq!(total.latency_ms, None, "the speed of an error is nobody's latency");
}

#[test]
fn a_wrong_request_is_a_4xx_and_names_its_status_where_there_is_no_body() {
    let server = Server::saying("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let total = all(Outcome::Status4xx, &run(&plan(&server)));
    assert_eq!(total.errors[&Outcome::Status4xx].samples, ["status 404 without a body"]);
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
fn endpoints_have_results_of_their_own() {
    let server = Server::start(|stream, request| {
        let status = if request.starts_with("GET /good ") { "200 OK" } else { "500 Oh" };
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")
    });
    let mut plan = plan(&server);
    plan.endpoints = vec![endpoint("/good"), endpoint("/bad"), endpoint("/never")];
    plan.endpoints[0].weight = 3;
    plan.endpoints[2].weight = 0;
    let summary = run(&plan).summary();
    let [good, bad, never] = summary.endpoints.as_slice() else { panic!("{summary:?}") };
    assert_eq!((good.figures.success_rate, bad.figures.success_rate), (1.0, 0.0));
    assert_eq!(bad.figures.errors[&Outcome::Status5xx].count, bad.figures.requests);
    assert_eq!(never.figures.requests, 0);
    assert_eq!(summary.total.requests, good.figures.requests + bad.figures.requests);
    let share = summary.total.success_rate;
    assert!((0.7..0.8).contains(&share), "three in four should be good: {share}");
}
