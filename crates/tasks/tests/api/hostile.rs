//! Whatever comes in, no answer is a 5xx, and every error is a problem.

use shared::testkit::Answer;

use crate::each_variant;

/// JSON values for a field of a body, and what looks like one.
const VALUES: &str = r#"
    null true 0 -1 1 2147483647 2147483648 9223372036854775807 9223372036854775808 -9223372036854775809 1e309 -0 1.0
    1.5 01 NaN Infinity undefined 'x' [] {} [1] {"a":1} "" "1" "1.0" "0x1" "'OR(1=1)--" "%" "_" "\\" "../" "\r\n" "\u0000"
    "\ud800" "\udc00\ud800" "\uffff" "\q" " "unfinished
"#;

/// Texts for a parameter or a part of the path, as they stand in a URL.
const TEXTS: &str = "
    0 -1 1 +1 1.0 0x1 1e9 1e309 2147483647 2147483648 9223372036854775807 9223372036854775808 -9223372036854775808
    null true %00 1%00 %ff %c3%28 %ed%a0%80 % %2 %zz %27%20OR%201=1%20-- %25 _ %5c ..%2f %2e%2e%2f %0d%0aX-Evil:%201
    %F0%9F%A6%80 a%20b [] {} * & = ; ? #
";

/// Bodies with one field to be filled in, and where they go.
const BODIES: &[(&str, &str)] = &[
    ("tasks", r#"{"userId": 1, "title": VALUE}"#),
    ("tasks", r#"{"userId": 1, "title": "x", "description": VALUE}"#),
    ("tasks", r#"{"userId": 1, "title": "x", "status": VALUE}"#),
    ("tasks", r#"{"userId": VALUE, "title": "x"}"#),
    ("tasks", r#"{"userId": 1, "title": "x", "categoryId": VALUE}"#),
    ("tasks", r#"{"userId": 1, "title": "x", "surprise": VALUE}"#),
    ("tasks", r#"{"userId": 1, "title": "x", "title": VALUE}"#),
    ("users", r#"{"name": VALUE, "email": "n@example.org", "password": "secret"}"#),
    ("users", r#"{"name": "x", "email": VALUE, "password": "secret"}"#),
    ("users", r#"{"name": "x", "email": "p@example.org", "password": VALUE}"#),
    ("categories", r#"{"name": VALUE}"#),
    ("categories", "VALUE"),
];

fn values() -> Vec<String> {
    let mut values: Vec<_> = VALUES.split_whitespace().map(str::to_owned).collect();
    values.push(String::new());
    values.extend([280, 281].map(|length| format!("\"{}\"", "🦀".repeat(length))));
    values.extend(["[", r#"{"a":"#].map(|nesting| nesting.repeat(10_000)));
    values.push("[".repeat(10_000) + &"]".repeat(10_000));
    values
}

#[track_caller]
fn assert_harmless(answer: &Answer, request: &str) {
    let is_harmless = answer.header("x-evil").is_none()
        && match answer.status {
            200..400 => true,
            400..500 => {
                answer.header("content-type") == Some("application/problem+json")
                    // After HEAD there is none.
                    && (answer.body.is_empty() || answer.json()["message"].is_string())
            }
            _ => false,
        };
    assert!(is_harmless, "{request:.200}\n{answer}");
}

#[test]
fn no_value_of_a_field_does_harm() {
    each_variant(|api| {
        for value in values() {
            for (kind, body) in BODIES {
                let body = body.replace("VALUE", &value);
                assert_harmless(&api.post(&format!("/{kind}"), &body), &body);
                assert_harmless(&api.put(&format!("/{kind}/1"), &body), &body);
            }
        }
    });
}

#[test]
fn no_broken_body_does_harm() {
    each_variant(|api| {
        let whole = br#"{"userId": 1, "title": "x"}"#;
        let mut bodies: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
        bodies.extend([
            b"\xff\xfe".to_vec(),
            b"{\"userId\": 1, \"title\": \"\xff\"}".to_vec(),
            b"\0".to_vec(),
        ]);
        bodies.push(b"\xef\xbb\xbf{\"userId\": 1, \"title\": \"x\"}".to_vec());
        bodies.push([whole.as_slice(), b"{}"].concat());
        for body in bodies {
            let head = format!(
                "POST /tasks HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let answer = api.send([head.as_bytes(), &body].concat());
            assert_eq!(answer.status, 400, "{:?}", String::from_utf8_lossy(&body));
            assert_harmless(&answer, &String::from_utf8_lossy(&body));
        }
    });
}

#[test]
fn no_path_and_no_parameter_does_harm() {
    each_variant(|api| {
        let parameters = ["page", "limit", "status", "userId", "categoryId", "search", "sort", "surprise"];
        for text in TEXTS.split_whitespace().chain([""]) {
            for path in parameters.iter().map(|name| format!("/tasks?{name}={text}")).chain([
                format!("/tasks?search=x&search={text}"),
                format!("/tasks?{text}"),
                format!("/tasks/{text}"),
                format!("/users/{text}"),
                format!("/users?page={text}"),
                format!("/categories/{text}"),
                format!("/categories?limit={text}"),
                format!("/api-docs/{text}"),
                format!("/{text}"),
            ]) {
                assert_harmless(&api.get(&path), &path);
            }
        }
    });
}

#[test]
fn no_method_does_harm() {
    each_variant(|api| {
        for method in ["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "BREW", "get"] {
            for path in
                ["/tasks", "/tasks/1", "/users", "/categories/1", "/api-docs/openapi.json", "/nowhere"]
            {
                let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
                assert_harmless(&api.send(&request), &request);
            }
        }
    });
}

#[test]
fn a_body_of_10_mb_is_refused_on_the_way() {
    each_variant(|api| {
        let head = "POST /tasks HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n";
        let huge = format!("{head}Content-Length: 10000000\r\n\r\n{}", "x".repeat(10_000_000));
        assert_eq!(api.send(huge).status, 413);
    });
}
