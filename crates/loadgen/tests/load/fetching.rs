//! One request at a time.

use std::{io::Write, time::Duration};

use loadgen::{Response, fetch};

use crate::{Server, endpoint};

const PATIENCE: Duration = Duration::from_millis(200);

#[test]
fn a_fetched_answer_has_its_status_and_body() {
    for answer in [
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    ] {
        let server = Server::saying(answer);
        let response = fetch(&server.target(), &endpoint("/"), PATIENCE).unwrap();
        assert_eq!(response, Response { status: 503, body: b"hello".into() });
    }
}

#[test]
fn a_fetched_answer_may_end_with_its_connection() {
    let server = Server::start(|stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello")?;
        stream.shutdown(std::net::Shutdown::Write)
    });
    let response = fetch(&server.target(), &endpoint("/"), PATIENCE).unwrap();
    assert_eq!(response, Response { status: 200, body: b"hello".into() });
}

#[test]
fn the_answer_to_head_has_no_body() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    let mut head = endpoint("/");
    head.method = "HEAD".into();
    let response = fetch(&server.target(), &head, PATIENCE).unwrap();
    assert_eq!(response, Response { status: 200, body: Vec::new() });
}

#[test]
fn a_fetch_that_fails_says_why() {
    let silent = Server::start(|_, _| Ok(()));
    let broken = Server::saying("SSH-2.0-OpenSSH_9.2\r\n");
    let closing = Server::start(|_, _| Err(std::io::ErrorKind::Other.into()));
    for (server, why) in [
        (&silent, "the time is up"),
        (&broken, "invalid HTTP version"),
        (&closing, "closed before the end of the answer"),
    ] {
        let error = fetch(&server.target(), &endpoint("/feed"), PATIENCE).unwrap_err();
        assert_eq!(format!("{error:#}"), format!("no answer from {}/feed: {why}", server.target()));
    }
}
