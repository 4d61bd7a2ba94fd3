//! What an operator sees: probes, metrics, log lines, who answered, and no secret.

use std::process::Command;

use insta::assert_snapshot;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{PASSWORD, Service, eventually};

use crate::{Feed, POSTGRES, VARIANTS, each_variant};

#[test]
fn probes_answer() {
    each_variant(|feed| {
        for path in ["/livez", "/readyz", "/health", "/metrics"] {
            assert_eq!(feed.get(path).status, 200, "{path}");
        }
        assert_eq!(feed.get("/readyz").json(), json!({ "instance": "feed", "database": "ready" }));
    });
}

#[test]
fn every_metric_is_there_from_the_start() {
    each_variant(|feed| {
        // So that there is one request to count.
        feed.get("/livez");
        let metrics = String::from_utf8(feed.get("/metrics").body).unwrap();
        let mut types: Vec<_> = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
        types.sort_unstable();
        assert_snapshot!(types.join("\n"), @"
        db_pool_connections gauge
        db_pool_refusals_total counter
        db_pool_timeouts_total counter
        db_pool_wait_seconds histogram
        db_query_duration_seconds histogram
        http_connections_total counter
        http_request_duration_seconds histogram
        http_requests_in_flight gauge
        http_requests_total counter
        process_cpu_seconds_total counter
        process_resident_memory_bytes gauge
        ");
        assert!(metrics.contains(r#"db_pool_connections{state="idle"} 0"#));
        assert!(metrics.contains("db_pool_timeouts_total 0"));
    });
}

#[test]
fn requests_are_counted_by_pattern_and_never_by_path() {
    each_variant(|feed| {
        for path in ["/users/x/posts", "/users/y/posts", "/nowhere/1", "/nowhere/2"] {
            feed.get(path);
        }
        feed.send("BREW /feed HTTP/1.1\r\nHost: test\r\n\r\n");
        let metrics = String::from_utf8(feed.get("/metrics").body).unwrap();
        let mut counts: Vec<_> =
            metrics.lines().filter(|line| line.starts_with("http_requests_total{")).collect();
        counts.sort_unstable();
        assert_snapshot!(counts.join("\n"), @r#"
        http_requests_total{method="GET",route="/users/{id}/posts",status="400"} 2
        http_requests_total{method="GET",route="unmatched",status="404"} 2
        http_requests_total{method="other",route="/feed",status="405"} 1
        "#);
    });
}

#[test]
fn connections_are_counted_back_when_they_are_given_back() {
    each_variant(|feed| {
        feed.get("/users/1/posts");
        eventually(Duration::from_secs(1), "none is in use", || {
            let metrics = String::from_utf8(feed.get("/metrics").body).unwrap();
            metrics.contains(r#"db_pool_connections{state="in_use"} 0"#)
        });
    });
}

#[test]
fn each_request_has_a_line_with_all_that_is_asked_for_later() {
    for variant in VARIANTS {
        let feed = Feed::start_with(variant, &[("INSTANCE", "feed-2")]);
        let answer =
            feed.send("GET /users/0/posts HTTP/1.1\r\nHost: test\r\nX-Request-Id: my-request.1\r\n\r\n");
        assert_eq!(answer.header("x-instance"), Some("feed-2"));
        assert_eq!(answer.header("x-request-id"), Some("my-request.1"));
        let is_it = |line: &Value| line["request_id"] == "my-request.1";
        eventually(Duration::from_secs(1), "the line is written", || feed.service.log().iter().any(is_it));
        let mut line = feed.service.log().into_iter().find(is_it).unwrap();
        assert_eq!(line["port"], feed.service.address.port());
        assert!(line["duration_ms"].take().as_f64().unwrap() > 0.0);
        let parts = line["parts"].take();
        let names = parts.as_str().unwrap().split(',').map(|part| part.split(':').next().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), ["pool", "query", "query"], "{parts}");
        for varies in ["timestamp", "port"] {
            line[varies].take();
        }
        insta::allow_duplicates! {
            assert_snapshot!(line, @r#"{"duration_ms":null,"instance":"feed-2","level":"INFO","message":"request","method":"GET","parts":null,"port":null,"problem":"not-found","request_id":"my-request.1","route":"/users/{id}/posts","status":404,"timestamp":null}"#);
        }
    }
}

#[test]
fn an_id_that_could_forge_a_line_is_replaced() {
    each_variant(|feed| {
        for id in ["", "a b", "\"", "{}", &"x".repeat(65)] {
            let answer =
                feed.send(format!("GET /livez HTTP/1.1\r\nHost: test\r\nX-Request-Id: {id}\r\n\r\n"));
            let given = answer.header("x-request-id").unwrap();
            assert_eq!((given.len(), given == id), (16, false));
        }
    });
}

#[test]
fn a_burst_of_requests_is_logged_in_part_and_says_so() {
    each_variant(|feed| {
        for _ in 0..300 {
            feed.get("/livez");
        }
        let omitted = |line: &Value| line["omitted"].as_u64();
        eventually(Duration::from_secs(3), "a line says how many were left out", || {
            feed.service.log().iter().any(|line| omitted(line).is_some())
        });
        let lines = feed.service.log();
        let written = lines.iter().filter(|line| line["message"] == "request").count() as u64;
        let omitted: u64 = lines.iter().filter_map(omitted).sum();
        assert!(written >= 100 && written + omitted <= 300, "{written} and {omitted}");
    });
}

#[test]
fn no_secret_leaves() {
    for variant in VARIANTS {
        let database = POSTGRES.database("seeded");
        let wrong = database.url().replace(PASSWORD, &format!("{PASSWORD}-wrong"));
        let feed = Service::start(variant, &[("DATABASE_URL", &wrong)]);
        let answer = feed.get("/users/1/posts");
        assert_eq!(answer.status, 503);
        let metrics = feed.get("/metrics");
        let why = |line: &Value| {
            line["message"].as_str().is_some_and(|message| message.contains("password authentication failed"))
        };
        eventually(Duration::from_secs(1), "the log says why", || feed.log().iter().any(why));
        for text in [format!("{answer}"), format!("{metrics}"), format!("{:?}", feed.log())] {
            assert!(!text.contains(PASSWORD), "{text}");
        }
    }
}

#[test]
fn a_wrong_setting_is_named_in_one_line_and_nothing_starts() {
    for variant in VARIANTS {
        let output = Command::new(variant)
            .env_clear()
            .envs([("LISTEN_ADDRESS", "127.0.0.1:0"), ("DATABASE_URL", PASSWORD)])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        insta::allow_duplicates! {
            assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"feed: DATABASE_URL: expected postgres://user:password@host:port/database");
        }
    }
}
