//! What an operator sees: probes, metrics, log lines, who answered, and no secret.

use std::{process::Command, time::Duration};

use insta::assert_snapshot;
use serde_json::{Value, json};
use testkit::{PASSWORD, eventually};

use crate::{VARIANTS, each_variant};

#[test]
fn probes_answer() {
    each_variant(|api| {
        for path in ["/livez", "/readyz", "/health", "/metrics"] {
            assert_eq!(api.get(path).status, 200, "{path}");
        }
    });
}

#[test]
fn the_cache_is_counted_from_the_start() {
    each_variant(|api| {
        let metrics = String::from_utf8(api.get("/metrics").body).unwrap();
        let mut counts: Vec<_> =
            metrics.lines().filter(|line| line.starts_with("cache_requests_total")).collect();
        counts.sort_unstable();
        assert_snapshot!(counts.join("\n"), @r#"
        cache_requests_total{result="bypass"} 0
        cache_requests_total{result="hit"} 0
        cache_requests_total{result="miss"} 0
        "#);
        for kind in [
            "cache_requests_total counter",
            "redis_call_duration_seconds histogram",
            "redis_failures_total counter",
        ] {
            assert!(metrics.contains(&format!("# TYPE {kind}\n")), "{metrics}");
        }
    });
}

#[test]
fn each_request_has_a_line_with_the_port_that_answered_it() {
    each_variant(|api| {
        let answer = api.send("GET /tasks HTTP/1.1\r\nHost: test\r\nX-Request-Id: my-request.1\r\n\r\n");
        assert_eq!(answer.header("x-instance"), Some("tasks"));
        let is_it = |line: &Value| line["request_id"] == "my-request.1";
        eventually(Duration::from_secs(1), "the line is written", || api.log().iter().any(is_it));
        let line = api.log().into_iter().find(is_it).unwrap();
        assert_eq!(line["port"], api.address.port());
        assert_eq!((&line["instance"], &line["route"]), (&json!("tasks"), &json!("/tasks")));
        assert!(line["parts"].as_str().unwrap().contains("query:"), "{line}");
    });
}

#[test]
fn every_error_is_a_problem_with_a_message() {
    each_variant(|api| {
        for answer in [
            api.get("/nowhere"),
            api.send("PATCH /tasks/1 HTTP/1.1\r\nHost: test\r\n\r\n"),
            api.send("POST /tasks HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{}"),
            api.post("/tasks", &" ".repeat(65 * 1024)),
            api.post("/tasks", "{"),
            api.get("/tasks?colour=red"),
            api.get("/tasks/x"),
        ] {
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer}");
            let problem = answer.json();
            assert_eq!(problem["status"], answer.status);
            assert!(problem["message"].is_string() && problem["message"] == problem["detail"], "{problem}");
        }
    });
}

#[test]
fn no_password_leaves() {
    each_variant(|api| {
        let user = |email: &str, password: Value| {
            json!({ "name": "x", "email": email, "password": password }).to_string()
        };
        let canary = json!(PASSWORD);
        let mut seen = String::new();
        for answer in [
            api.post("/users", &user("x@example.org", canary.clone())),
            // Refused, for this or for that.
            api.post("/users", &user("x@example.org", canary.clone())),
            api.post("/users", &user("nobody", canary.clone())),
            api.post("/users", &user("y@example.org", json!(PASSWORD.repeat(9)))),
            api.post("/users", &user("y@example.org", json!([PASSWORD]))),
            api.post("/users", &user("y@example.org", canary.clone())[..70]),
            api.put("/users/1", &json!({ "password": canary }).to_string()),
            api.put("/users/999", &json!({ "password": canary }).to_string()),
            api.post("/tasks", r#"{"title": "x", "userId": 1}"#),
            api.get("/users/1"),
            api.get("/users?limit=100"),
            api.get("/users?limit=100&page=3"),
            api.get("/tasks"),
            api.get("/tasks?userId=1"),
            api.get("/metrics"),
            api.delete("/users/1"),
        ] {
            seen += &format!("{answer}\n");
        }
        eventually(Duration::from_secs(1), "the last line is written", || {
            api.log().iter().any(|line| line["method"] == "DELETE")
        });
        seen += &format!("{:?}", api.log());
        for key in api.redis.ask("KEYS *").lines().filter(|line| line.contains("tasks:")) {
            seen += key;
            seen += &api.redis.ask(&format!("GET \"{key}\""));
        }
        assert!(!seen.contains(PASSWORD), "{seen}");
        assert!(!seen.contains("argon2id"), "{seen}");
        assert!(!seen.contains("\"password\":"), "{seen}");
    });
}

#[test]
fn a_wrong_setting_is_named_in_one_line_and_nothing_starts() {
    for variant in VARIANTS {
        let output = Command::new(variant)
            .env_clear()
            .envs([
                ("LISTEN_ADDRESS", "127.0.0.1:0"),
                ("DATABASE_URL", "postgres://owner:secret@127.0.0.1/tasks"),
                ("REDIS_URL", PASSWORD),
            ])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        insta::allow_duplicates! {
            assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"tasks: REDIS_URL: expected redis://:password@host:port");
        }
    }
}

#[test]
fn the_api_explains_itself() {
    each_variant(|api| {
        let document = api.get("/api-docs/openapi.json").json();
        let paths: Vec<_> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(path, operations)| {
                let methods: Vec<_> = operations.as_object().unwrap().keys().map(String::as_str).collect();
                format!("{path}: {}", methods.join(" "))
            })
            .collect();
        assert_snapshot!(paths.join("\n"), @r#"
        /categories: get post
        /categories/{id}: delete get put
        /tasks: get post
        /tasks/{id}: delete get put
        /users: get post
        /users/{id}: delete get put
        "#);
        let redirect = api.get("/api-docs");
        assert_eq!((redirect.status, redirect.header("location")), (307, Some("/api-docs/")));
        for page in ["/api-docs/", "/api-docs/swagger-ui-bundle.js", "/api-docs/swagger-initializer.js"] {
            assert_eq!(api.get(page).status, 200, "{page}");
        }
        assert_eq!(api.get("/api-docs/nothing").status, 404);
    });
}
