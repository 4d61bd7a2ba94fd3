//! Whatever comes in, no answer is a 5xx, and every error is a problem.

use shared::testkit::Answer;

use crate::{each_variant, with_body};

/// JSON values for a field of a body, and what looks like one.
const VALUES: &str = r#"
    null true 0 -1 1 2147483647 2147483648 9223372036854775807 9223372036854775808 -9223372036854775809 1e308 1e309 -0 1.0
    1.5 01 NaN Infinity undefined 'x' [] {} [1] {"a":1} {"a":1,"a":2} {"":{}} {"\u0000":1} {"a":["\u0000"]} "" "1" "1.0"
    "0x1" "'OR(1=1)--" "%" "_" "\\" "\\u0000" "../" "\r\n" "\u0000" "\ud800" "\udc00\ud800" "\uffff" "\q" " "unfinished
"#;

/// Texts for a parameter, a part of the path or a header, as they stand in a request.
const TEXTS: &str = "
    0 -1 1 +1 1.0 0x1 1e9 1e309 2147483647 2147483648 9223372036854775807 9223372036854775808 -9223372036854775808
    null true %00 1%00 %ff %c3%28 %ed%a0%80 % %2 %zz %27%20OR%201=1%20-- %25 _ %5c ..%2f %2e%2e%2f %0d%0aX-Evil:%201
    %F0%9F%A6%80 a%20b [] {} * & = ; ? #
";

/// A whole body for each route that takes one: `$` is where a value goes.
const BODIES: [(&str, &str, &str); 11] = [
    ("POST", "/jobs", r#"{"type": $, "payload": {}}"#),
    ("POST", "/jobs", r#"{"type": "send_email", "payload": $}"#),
    ("POST", "/jobs", r#"{"type": "send_email", "payload": {"a": $}}"#),
    ("POST", "/jobs", r#"{"type": "send_email", "payload": {}, "priority": $}"#),
    ("POST", "/jobs", r#"{"type": "send_email", "payload": {}, "surprise": $}"#),
    ("POST", "/jobs/claim", r#"{"worker": $}"#),
    ("POST", "/jobs/claim", r#"{"worker": "ada", "worker": $}"#),
    ("PATCH", "/jobs/1", r#"{"leaseToken": $, "action": "finish"}"#),
    ("PATCH", "/jobs/1", r#"{"leaseToken": "x", "action": $}"#),
    ("PATCH", "/jobs/1", r#"{"leaseToken": "x", "action": "fail", "error": $}"#),
    ("PATCH", "/jobs/1", "$"),
];

fn values() -> Vec<String> {
    let mut values: Vec<_> = VALUES.split_whitespace().map(str::to_owned).collect();
    values.push(String::new());
    values.extend([1_000, 1_001].map(|length| format!("\"{}\"", "🦀".repeat(length))));
    values.extend(["[", r#"{"a":"#].map(|nesting| nesting.repeat(10_000)));
    values.push("[".repeat(10_000) + &"]".repeat(10_000));
    values
}

#[track_caller]
fn assert_harmless(answer: &Answer, request: &str) {
    let is_harmless = match answer.status {
        200..400 => true,
        400..500 => answer.header("content-type") == Some("application/problem+json"),
        _ => false,
    };
    assert!(is_harmless && answer.header("x-evil").is_none(), "{:.300}\n{answer}", request);
}

#[test]
fn no_value_of_a_field_does_harm() {
    each_variant(|jobs| {
        for value in values() {
            for (method, path, body) in BODIES {
                let request = with_body(method, path, "", &body.replace('$', &value));
                assert_harmless(&jobs.send(&request), &request);
            }
        }
    });
}

#[test]
fn no_broken_body_does_harm() {
    each_variant(|jobs| {
        let whole = r#"{"type": "send_email", "payload": {}}"#;
        let cut = (0..whole.len()).map(|length| whole.as_bytes()[..length].to_vec());
        let broken = [b"\xff\xfe".as_slice(), b"\0", b"\xef\xbb\xbf{}", b"{\"worker\": \"\xff\"}"];
        for body in cut.chain(broken.map(<[u8]>::to_vec)) {
            for path in ["/jobs", "/jobs/claim"] {
                let length = body.len();
                let head = format!(
                    "POST {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
                );
                let answer = jobs.send([head.as_bytes(), &body].concat());
                assert_eq!(answer.status, 400, "{:?}", String::from_utf8_lossy(&body));
                assert_harmless(&answer, &head);
            }
        }
    });
}

#[test]
fn no_path_and_no_parameter_does_harm() {
    each_variant(|jobs| {
        for text in TEXTS.split_whitespace().chain([""]) {
            for path in [
                format!("/jobs/{text}"),
                format!("/jobs/1?{text}"),
                format!("/jobs/stats/{text}"),
                format!("/workers/{text}"),
                format!("/workers?a={text}&a={text}"),
            ] {
                assert_harmless(&jobs.get(&path), &path);
            }
            let patch =
                with_body("PATCH", &format!("/jobs/{text}"), "", r#"{"leaseToken": "x", "action": "fail"}"#);
            assert_harmless(&jobs.send(&patch), &patch);
            let key = format!("Idempotency-Key: {text}\r\n");
            let submit = with_body("POST", "/jobs", &key, r#"{"type": "send_email", "payload": {}}"#);
            assert_harmless(&jobs.send(&submit), &submit);
        }
    });
}

#[test]
fn no_method_does_harm() {
    each_variant(|jobs| {
        for method in ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "POST", "DELETE", "BREW", "get"] {
            for path in ["/jobs", "/jobs/claim", "/jobs/1", "/jobs/stats", "/workers", "/nowhere"] {
                let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
                assert_harmless(&jobs.send(&request), &request);
            }
        }
    });
}
