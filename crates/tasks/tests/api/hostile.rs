//! Whatever comes in, no answer is a 5xx, and every error is a problem.

use testkit::{
    Answer,
    hostile::{self, texts, values},
};

use crate::each_variant;

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

/// Here a problem says what it is in `message` as well; after HEAD there is no body.
#[track_caller]
fn assert_harmless(answer: &Answer, request: &str) {
    hostile::assert_harmless(answer, request);
    let is_told = answer.status < 400 || answer.body.is_empty() || answer.json()["message"].is_string();
    assert!(is_told, "{request:.200}\n{answer}");
}

#[test]
fn no_value_of_a_field_does_harm() {
    each_variant(|api| {
        for value in values(280) {
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
        for text in texts() {
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
