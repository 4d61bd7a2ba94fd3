//! Whatever comes in, no answer is a 5xx, and every error is a problem.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    thread,
    time::{Duration, Instant},
};

use testkit::{
    hostile::{assert_harmless, texts, values},
    read_answer,
};

use crate::{Feed, each_variant};

#[test]
fn no_value_of_a_field_does_harm() {
    each_variant(|feed| {
        for value in values(280) {
            for body in [
                format!(r#"{{"userId": {value}, "content": "x"}}"#),
                format!(r#"{{"userId": 1, "content": {value}}}"#),
                format!(r#"{{"userId": 1, "content": "x", "{}": {value}}}"#, "surprise"),
                format!(r#"{{"userId": 1, "content": "x", "content": {value}}}"#),
                value.clone(),
            ] {
                assert_harmless(&feed.post("/posts", &body), &body);
            }
        }
    });
}

#[test]
fn no_broken_body_does_harm() {
    each_variant(|feed| {
        let whole = br#"{"userId": 1, "content": "x"}"#;
        let mut bodies: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
        bodies.extend([
            b"\xff\xfe".to_vec(),
            b"{\"userId\": 1, \"content\": \"\xff\"}".to_vec(),
            b"\0".to_vec(),
        ]);
        bodies.push(b"\xef\xbb\xbf{\"userId\": 1, \"content\": \"x\"}".to_vec());
        bodies.push([whole.as_slice(), b"{}"].concat());
        for body in bodies {
            let head = format!(
                "POST /posts HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let answer = feed.send([head.as_bytes(), &body].concat());
            assert_eq!(answer.status, 400, "{:?}", String::from_utf8_lossy(&body));
            assert_harmless(&answer, &String::from_utf8_lossy(&body));
        }
    });
}

#[test]
fn no_path_and_no_parameter_does_harm() {
    each_variant(|feed| {
        for text in texts() {
            for path in [
                format!("/users/{text}/posts"),
                format!("/users/1/posts?limit={text}"),
                format!("/users/1/posts?before={text}"),
                format!("/users/1/posts?{text}"),
                format!("/users/1/posts?limit=1&limit={text}"),
                format!("/users/1/posts/{text}"),
                format!("/{text}"),
            ] {
                assert_harmless(&feed.get(&path), &path);
            }
        }
    });
}

#[test]
fn no_method_does_harm() {
    each_variant(|feed| {
        for method in ["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "BREW", "get"] {
            for path in ["/posts", "/users/1/posts", "/livez", "/nowhere"] {
                let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
                assert_harmless(&feed.send(&request), &request);
            }
        }
    });
}

#[test]
fn bodies_of_10_mb_and_without_end_are_refused_on_the_way() {
    each_variant(|feed| {
        let head = "POST /posts HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n";
        let huge = format!("{head}Content-Length: 10000000\r\n\r\n{}", "x".repeat(10_000_000));
        assert_eq!(feed.send(huge).status, 413);
        assert_eq!(send_without_end(feed, head), 413);
    });
}

/// Sends chunk after chunk until the service has answered and hung up; returns the status.
fn send_without_end(feed: &Feed, head: &str) -> u16 {
    let mut stream = TcpStream::connect(feed.service.address).unwrap();
    write!(stream, "{head}Transfer-Encoding: chunked\r\n\r\n").unwrap();
    let mut writer = stream.try_clone().unwrap();
    let sender = thread::spawn(move || {
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
        while writer.write_all(chunk.as_bytes()).is_ok() {
            thread::sleep(Duration::from_millis(1));
        }
    });
    let status = read_answer(&mut stream, true).unwrap().status;
    let answered = Instant::now();
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    // An end or a reset: both are a hang-up.
    let rest = stream.read(&mut [0]);
    assert!(answered.elapsed() < Duration::from_secs(2), "still connected: {rest:?}");
    // A sender that the service does not read from any more may be waiting for room.
    let _ = stream.shutdown(Shutdown::Both);
    sender.join().unwrap();
    status
}

/// actix-web answers these itself, before there is a request: a status and no body.
#[test]
fn what_is_no_http_gets_a_bare_4xx() {
    each_variant(|feed| {
        for request in [
            b"GET /users/\xff/posts HTTP/1.1\r\nHost: test\r\n\r\n".as_slice(),
            b"GET /users/1/posts?before=\xff HTTP/1.1\r\nHost: test\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET\r\n\r\n",
            b"\0\0\0\0\r\n\r\n",
            b"POST /posts HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n",
            b"POST /posts HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"POST /posts HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n",
        ] {
            let answer = feed.send(request);
            assert!(
                (400..500).contains(&answer.status),
                "{answer} to {:?}",
                String::from_utf8_lossy(request)
            );
        }
        let long = format!("GET /{} HTTP/1.1\r\nHost: test\r\n\r\n", "x".repeat(1_000_000));
        assert!((400..500).contains(&feed.send(long).status));
    });
}
