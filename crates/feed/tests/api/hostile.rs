//! Whatever comes in, no answer is a 5xx, and every error is a problem.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    thread,
    time::{Duration, Instant},
};

use shared::testkit::{Answer, read_answer};

use crate::{Feed, each_variant};

/// JSON values for a field of a body, and what looks like one.
const VALUES: &str = r#"
    null true 0 -1 1 2147483647 2147483648 9223372036854775807 9223372036854775808 -9223372036854775809 1e309 -0 1.0
    1.5 01 NaN Infinity undefined 'x' [] {} [1] {"a":1} "" "1" "1.0" "0x1" "'OR(1=1)--" "%" "_" "\\" "../" "\r\n" "\u0000"
    "\ud800" "\udc00\ud800" "\uffff" "\q" " "unfinished
"#;

/// Texts for a parameter or a part of the path, as they stand in a URL.
const TEXTS: &str = "
    0 -1 1 +1 1.0 0x1 1e9 1e309 2147483647 2147483648 9223372036854775807 9223372036854775808 -9223372036854775808
    0-0 -1--1 9223372036854775807-9223372036854775807 8210266876799999999-1 8210266876800000000-1 null true
    %00 1%00 %ff %c3%28 %ed%a0%80 % %2 %zz %27%20OR%201=1%20-- %25 _ %5c ..%2f %2e%2e%2f %0d%0aX-Evil:%201
    %F0%9F%A6%80 a%20b [] {} * & = ; ? #
";

fn values() -> Vec<String> {
    let mut values: Vec<_> = VALUES.split_whitespace().map(str::to_owned).collect();
    values.push(String::new());
    values.extend([280, 281].map(|length| format!("\"{}\"", "🦀".repeat(length))));
    values.extend(["[", r#"{"a":"#].map(|nesting| nesting.repeat(10_000)));
    values.push("[".repeat(10_000) + &"]".repeat(10_000));
    values
}

fn is_harmless(answer: &Answer) -> bool {
    answer.header("x-evil").is_none()
        && match answer.status {
            200..400 => true,
            400..500 => answer.header("content-type") == Some("application/problem+json"),
            _ => false,
        }
}

#[track_caller]
fn assert_harmless(answer: &Answer, request: &str) {
    assert!(is_harmless(answer), "{:.200}\n{answer}", request);
}

#[test]
fn no_value_of_a_field_does_harm() {
    each_variant(|feed| {
        for value in values() {
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
        for text in TEXTS.split_whitespace().chain([""]) {
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
