//! `GET /jobs/{id}`, `GET /jobs/stats`, `GET /workers`

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::{Jobs, VARIANTS, each_variant};

#[test]
fn a_job_is_found_by_its_id() {
    each_variant(|jobs| {
        assert_snapshot!(format!("{:#}", jobs.job(&json!(12))), @r#"
        {
          "attempt": 5,
          "claimedBy": "edsger",
          "createdAt": "2025-01-01T00:51:50.400000Z",
          "finishedAt": "2025-01-01T00:52:04.400000Z",
          "id": 12,
          "lastError": "out of memory",
          "leaseUntil": null,
          "maxAttempts": 5,
          "payload": {
            "month": "2024-01",
            "pages": 15
          },
          "priority": 6,
          "runAt": "2025-01-01T00:51:50.400000Z",
          "status": "dead",
          "type": "generate_report"
        }
        "#);
        assert_snapshot!(jobs.get("/jobs/0"), @r#"
        404
        content-type: application/problem+json
        x-instance: jobs

        {"type":"not-found","title":"not found","status":404,"detail":"no job has id 0"}
        "#);
    });
}

#[test]
fn jobs_are_counted_by_status() {
    each_variant(|jobs| {
        assert_snapshot!(jobs.get("/jobs/stats").json(), @r#"{"dead":100,"done":1200,"oldestPendingS":null,"pending":0,"running":0}"#);
        jobs.submit(5);
        jobs.submit(5);
        jobs.claim();
        jobs.database.sql("UPDATE jobs SET created_at = now() - interval '90 s' WHERE status = 'pending'");
        let stats = jobs.get("/jobs/stats").json();
        assert_eq!((&stats["pending"], &stats["running"]), (&json!(1), &json!(1)));
        assert!((90.0..100.0).contains(&stats["oldestPendingS"].as_f64().unwrap()), "{stats}");
    });
}

#[test]
fn workers_come_by_name_with_what_they_do_and_did() {
    each_variant(|jobs| {
        let ada = |jobs: &Jobs| jobs.get("/workers").json()["workers"][0].clone();
        let done = ada(jobs)["done"].as_i64().unwrap();
        jobs.submit(5);
        jobs.submit(5);
        let claim = jobs.claim();
        jobs.claim();
        jobs.report(&claim, "finish");
        assert_eq!(ada(jobs), json!({ "name": "ada", "running": 1, "done": done + 1 }));
    });
}

#[test]
fn the_seeded_workers_have_done_something() {
    insta::allow_duplicates! {
        for variant in VARIANTS {
            let jobs = Jobs::start(variant, "seeded", &[]);
            let mut stats = jobs.get("/jobs/stats").json();
            assert!(stats["oldestPendingS"].take().as_f64().unwrap() > 0.0);
            assert_eq!(stats["running"], Value::from(0));
            assert_snapshot!(stats, @r#"{"dead":100,"done":1200,"oldestPendingS":null,"pending":8700,"running":0}"#);
            assert_snapshot!(jobs.get("/workers").json(), @r#"{"workers":[{"done":265,"name":"ada","running":0},{"done":229,"name":"edsger","running":0},{"done":238,"name":"grace","running":0},{"done":239,"name":"leslie","running":0},{"done":229,"name":"radia","running":0}]}"#);
        }
    }
}
