//! `POST /jobs/claim`

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::each_variant;

#[test]
fn a_claim_is_what_a_worker_needs_to_know() {
    each_variant(|jobs| {
        let id = jobs.submit(5);
        let answer = jobs.post("/jobs/claim", r#"{"worker": "ada"}"#);
        assert_eq!(answer.status, 200);
        let mut claim = answer.json();
        let job = jobs.job(&claim["id"]);
        assert_eq!((&job["status"], &job["claimedBy"]), (&json!("running"), &json!("ada")));
        assert_eq!((claim["id"].as_i64().unwrap(), &claim["leaseUntil"]), (id, &job["leaseUntil"]));
        assert_eq!(claim["leaseToken"].as_str().unwrap().len(), 36);
        // The token is its worker's alone.
        assert_eq!(job["leaseToken"], Value::Null);
        for varies in ["leaseToken", "leaseUntil"] {
            claim[varies].take();
        }
        assert_snapshot!(claim, @r#"{"attempt":1,"id":10001,"leaseToken":null,"leaseUntil":null,"maxAttempts":5,"payload":{"to":"a@example.com"},"type":"send_email"}"#);
    });
}

#[test]
fn the_most_urgent_comes_first_and_of_those_the_oldest() {
    each_variant(|jobs| {
        let [ordinary, low, urgent, second] = [5, 0, 9, 9].map(|priority| jobs.submit(priority));
        let claimed = [0; 4].map(|_| jobs.claim()["id"].as_i64().unwrap());
        assert_eq!(claimed, [urgent, second, ordinary, low]);
    });
}

#[test]
fn when_nothing_waits_there_is_nothing_to_claim() {
    each_variant(|jobs| {
        let answer = jobs.post("/jobs/claim", r#"{"worker": "ada"}"#);
        assert_eq!((answer.status, answer.body.len()), (204, 0));
    });
}

#[test]
fn an_unknown_worker_is_a_conflict_and_takes_nothing() {
    each_variant(|jobs| {
        let id = jobs.submit(5);
        for worker in ["nobody", "", "Ada", "ada ", "' OR 1=1 --", "%"] {
            let answer = jobs.post("/jobs/claim", &json!({ "worker": worker }).to_string());
            assert_eq!(
                (answer.status, &answer.json()["errors"][0]["path"]),
                (409, &json!("worker")),
                "{worker}"
            );
        }
        assert_snapshot!(jobs.post("/jobs/claim", r#"{"worker": "nobody"}"#), @r#"
        409
        content-type: application/problem+json
        x-instance: jobs

        {"type":"conflict","title":"a rule of the data forbids it","status":409,"detail":"no worker has this name","errors":[{"path":"worker","message":"no worker has this name"}]}
        "#);
        assert_eq!(jobs.job(&json!(id))["status"], "pending");
    });
}

#[test]
fn a_job_that_rests_is_not_claimed_before_its_time() {
    each_variant(|jobs| {
        let id = jobs.submit(9);
        jobs.database.sql(&format!("UPDATE jobs SET run_at = now() + interval '1 hour' WHERE id = {id}"));
        assert_eq!(jobs.claim(), Value::Null);
        jobs.database.sql(&format!("UPDATE jobs SET run_at = now() WHERE id = {id}"));
        assert_eq!(jobs.claim()["id"], id);
    });
}
