//! `POST /jobs`

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::each_variant;

#[test]
fn a_job_is_stored_and_waits() {
    each_variant(|jobs| {
        let answer = jobs.post("/jobs", r#"{"type": "send_email", "payload": {"to": "a@example.com"}}"#);
        assert_eq!(answer.status, 201);
        let mut job = answer.json();
        assert_eq!(answer.header("location"), Some(format!("/jobs/{}", job["id"]).as_str()));
        assert_eq!(jobs.job(&job["id"]), job);
        assert_eq!(job["runAt"], job["createdAt"]);
        for varies in ["runAt", "createdAt"] {
            job[varies].take();
        }
        assert_snapshot!(job, @r#"{"attempt":0,"claimedBy":null,"createdAt":null,"finishedAt":null,"id":10001,"lastError":null,"leaseUntil":null,"maxAttempts":5,"payload":{"to":"a@example.com"},"priority":5,"runAt":null,"status":"pending","type":"send_email"}"#);
    });
}

#[test]
fn a_payload_comes_back_as_it_was_sent() {
    each_variant(|jobs| {
        for payload in [
            json!({}),
            json!({ "a": [1, 1.5, -0.0, null, true, { "b": "' OR 1=1 --" }] }),
            json!({ "%": "_", "\\": "../", "🦀": "\r\n\u{202e}" }),
            json!({ "large": 9_223_372_036_854_775_807_i64, "small": 1e-300 }),
        ] {
            let job = jobs.post("/jobs", &json!({ "type": "image_resize", "payload": payload }).to_string());
            assert_eq!(job.json()["payload"], payload);
        }
    });
}

#[test]
fn every_type_and_priority_there_is_is_taken() {
    each_variant(|jobs| {
        for kind in ["image_resize", "send_email", "generate_report", "process_payment", "sync_inventory"] {
            let job = jobs.post("/jobs", &json!({ "type": kind, "payload": {} }).to_string()).json();
            assert_eq!((&job["type"], &job["priority"]), (&json!(kind), &json!(5)));
        }
        for (priority, status) in [(-1, 400), (0, 201), (9, 201), (10, 400)] {
            let job = json!({ "type": "send_email", "payload": {}, "priority": priority });
            assert_eq!(jobs.post("/jobs", &job.to_string()).status, status, "{priority}");
        }
    });
}

#[test]
fn a_field_that_is_missing_or_wrong_is_named() {
    each_variant(|jobs| {
        assert_snapshot!(jobs.post("/jobs", r#"{"type": "mine_bitcoin", "payload": {}}"#), @r#"
        400
        content-type: application/problem+json
        x-instance: jobs

        {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"type: must be one of image_resize, send_email, generate_report, process_payment, sync_inventory","errors":[{"path":"type","message":"must be one of image_resize, send_email, generate_report, process_payment, sync_inventory"}]}
        "#);
        for (body, detail) in [
            (r#"{"payload": {}}"#, "type: is required"),
            (r#"{"type": "send_email"}"#, "payload: is required"),
            (r#"{"type": "send_email", "payload": []}"#, "payload: must be an object"),
            (r#"{"type": "send_email", "payload": null}"#, "payload: is required"),
            (
                r#"{"type": "send_email", "payload": {}, "priority": 1.5}"#,
                "priority: must be a whole number of 64 bits",
            ),
            (
                r#"{"type": "send_email", "payload": {}, "priority": 10}"#,
                "priority: must be from 0 to 9, and is 10",
            ),
            (
                r#"{"type": "send_email", "payload": {"a": "\u0000"}}"#,
                "payload: must not contain the character NUL",
            ),
            (r#"{"type": "send_email", "payload": {}, "id": 2}"#, "id: is unknown"),
        ] {
            let answer = jobs.post("/jobs", body);
            assert_eq!(answer.status, 400, "{body}");
            let problem = answer.json();
            assert!(problem["detail"].as_str().unwrap().starts_with(detail), "{problem}");
            assert!(detail.contains(problem["errors"][0]["path"].as_str().unwrap()), "{problem}");
        }
    });
}

#[test]
fn a_body_has_64_kib_at_most() {
    each_variant(|jobs| {
        let body = |length: usize| {
            let job = json!({ "type": "send_email", "payload": { "a": "x".repeat(length - 40) } });
            assert_eq!(job.to_string().len(), length);
            job.to_string()
        };
        assert_eq!(jobs.post("/jobs", &body(64 * 1024)).status, 201);
        assert_eq!(jobs.post("/jobs", &body(64 * 1024 + 1)).json()["type"], Value::from("too-large"));
    });
}

#[test]
fn a_payload_comes_back_with_the_digits_that_were_sent() {
    each_variant(|jobs| {
        let payload = r#"{"n": 18446744073709551616, "x": 12345678901234567890.5, "price": 0.1000000000000000055, "tiny": 1e-400, "deep": [{"z": 1.10}]}"#;
        let tiny = format!("0.{}1", "0".repeat(399));
        let answer = jobs.post("/jobs", &format!(r#"{{"type": "send_email", "payload": {payload}}}"#));
        assert_eq!(answer.status, 201, "{answer}");
        let shown = jobs.get(answer.header("location").unwrap());
        let claimed = jobs.post("/jobs/claim", r#"{"worker": "ada"}"#);
        for answer in [answer, shown, claimed] {
            let text = String::from_utf8(answer.body).unwrap();
            for digits in
                ["18446744073709551616", "12345678901234567890.5", "0.1000000000000000055", "1.10", &tiny]
            {
                assert!(text.contains(digits), "{digits} is not in {text}");
            }
        }
    });
}

#[test]
fn a_payload_has_each_key_once() {
    each_variant(|jobs| {
        for payload in [r#"{"a": 1, "a": 2}"#, r#"{"b": [{"a": 1, "\u0061": 1}]}"#] {
            let answer = jobs.post("/jobs", &format!(r#"{{"type": "send_email", "payload": {payload}}}"#));
            assert_eq!(
                (answer.status, &answer.json()["detail"]),
                (400, &json!(r#"payload: must not have the key "a" twice"#))
            );
        }
    });
}

#[test]
fn an_array_is_no_job() {
    each_variant(|jobs| {
        assert_eq!(jobs.post("/jobs", r#"["send_email", {"x": 1}, 5]"#).status, 400);
        assert_eq!(jobs.post("/jobs/claim", r#"["ada"]"#).status, 400);
        assert_eq!(jobs.patch("/jobs/1", r#"["token", "finish", null]"#).status, 400);
    });
}
