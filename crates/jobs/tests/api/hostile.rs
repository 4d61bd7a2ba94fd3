//! Whatever comes in, no answer is a 5xx, and every error is a problem.

use testkit::hostile::{assert_harmless, texts, values};

use crate::{each_variant, with_body};

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

#[test]
fn no_value_of_a_field_does_harm() {
    each_variant(|jobs| {
        for value in values(1_000) {
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
        for text in texts() {
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
