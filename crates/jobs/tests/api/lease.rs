//! `PATCH /jobs/{id}`: what a worker may say of a job, and what happens when it says nothing.

use std::time::{Duration, Instant};

use insta::assert_snapshot;
use serde_json::{Value, json};
use testkit::eventually;

use crate::{Jobs, each_variant, each_variant_with};

/// Ends the lease of a job, as if its time had passed.
fn expire(jobs: &Jobs, claim: &Value) {
    jobs.database.sql(&format!("UPDATE jobs SET lease_until = now() WHERE id = {}", claim["id"]));
}

#[test]
fn a_finished_job_is_done_and_says_by_whom() {
    each_variant(|jobs| {
        jobs.submit(5);
        let claim = jobs.claim();
        let answer = jobs.report(&claim, "finish");
        assert_eq!(answer.status, 200, "{answer}");
        let job = answer.json();
        assert_eq!(
            (&job["status"], &job["claimedBy"], &job["leaseUntil"]),
            (&json!("done"), &json!("ada"), &Value::Null)
        );
        assert!(job["finishedAt"].is_string());
        assert_eq!(jobs.job(&claim["id"]), job);
        assert_eq!(jobs.claim(), Value::Null);
    });
}

#[test]
fn a_job_that_fails_rests_2_4_8_16_seconds_and_is_dead_after_5_attempts() {
    each_variant(|jobs| {
        let id = jobs.submit(5);
        for attempt in 1..=5 {
            let claim = jobs.claim();
            assert_eq!((&claim["id"], &claim["attempt"]), (&json!(id), &json!(attempt)));
            let job = jobs.report(&claim, "fail").json();
            assert_eq!(job["lastError"], "out of memory");
            assert_eq!(job["status"], if attempt < 5 { "pending" } else { "dead" });
            let rest = jobs
                .database
                .sql(&format!("SELECT extract(epoch FROM run_at - now()) FROM jobs WHERE id = {id}"));
            let rest: f64 = rest[0][0].as_ref().unwrap().parse().unwrap();
            // A fifth more or less, and the time that has passed since.
            let planned = f64::from(1 << attempt);
            assert!((planned * 0.8 - 0.5..=planned * 1.2).contains(&rest), "{rest} after attempt {attempt}");
            jobs.database.sql("UPDATE jobs SET run_at = now() WHERE status = 'pending'");
        }
        assert_eq!(jobs.claim(), Value::Null);
        assert_eq!(jobs.metric("jobs_dead_total"), 1.0);
    });
}

#[test]
fn a_rest_has_300_seconds_at_most() {
    each_variant(|jobs| {
        let id = jobs.submit(5);
        jobs.database.sql("UPDATE jobs SET attempt = 1000, max_attempts = 2000 WHERE status = 'pending'");
        jobs.report(&jobs.claim(), "fail");
        let rests = format!(
            "SELECT run_at < now() + interval '360 s' AND run_at > now() + interval '239 s' FROM jobs WHERE id = {id}"
        );
        assert_eq!(jobs.database.sql(&rests)[0][0].as_deref(), Some("t"));
    });
}

#[test]
fn a_lease_is_extended_by_a_whole_one() {
    each_variant(|jobs| {
        jobs.submit(5);
        let claim = jobs.claim();
        jobs.database.sql("UPDATE jobs SET lease_until = now() + interval '1 s' WHERE status = 'running'");
        let job = jobs.report(&claim, "extend").json();
        assert_eq!(job["status"], "running");
        assert!(job["leaseUntil"].as_str() > claim["leaseUntil"].as_str(), "{job} {claim}");
        assert_eq!(jobs.report(&claim, "finish").status, 200);
    });
}

#[test]
fn who_comes_late_or_with_another_token_is_refused_whatever_they_say() {
    each_variant(|jobs| {
        jobs.submit(5);
        let claim = jobs.claim();
        let mut wrong = claim.clone();
        wrong["leaseToken"] = json!("00000000-0000-0000-0000-000000000000");
        for action in ["finish", "fail", "extend"] {
            assert_eq!(jobs.report(&wrong, action).status, 409);
        }
        expire(jobs, &claim);
        for action in ["finish", "fail", "extend"] {
            assert_eq!(jobs.report(&claim, action).status, 409);
        }
        assert_snapshot!(jobs.report(&claim, "finish").to_string().replace(&claim["id"].to_string(), "ID"), @r#"
        409
        content-type: application/problem+json
        x-instance: jobs

        {"type":"conflict","title":"a rule of the data forbids it","status":409,"detail":"the lease of job ID has ended, or was never yours","errors":[{"path":"leaseToken","message":"the lease of job ID has ended, or was never yours"}]}
        "#);
        // Somebody else has it now.
        let second = jobs.claim();
        assert_eq!((&second["id"], &second["attempt"]), (&claim["id"], &json!(2)));
        assert_eq!(jobs.report(&claim, "finish").status, 409);
        assert_eq!(jobs.report(&second, "finish").status, 200);
        // Once is enough.
        assert_eq!(jobs.report(&second, "finish").status, 409);
    });
}

#[test]
fn a_job_that_is_not_there_is_not_found() {
    each_variant(|jobs| {
        assert_snapshot!(jobs.report(&json!({ "id": 0, "leaseToken": "x" }), "finish"), @r#"
        404
        content-type: application/problem+json
        x-instance: jobs

        {"type":"not-found","title":"not found","status":404,"detail":"no job has id 0"}
        "#);
    });
}

#[test]
fn a_report_is_checked() {
    each_variant(|jobs| {
        for (body, field) in [
            (json!({ "action": "finish" }), "leaseToken"),
            (json!({ "leaseToken": "x" }), "action"),
            (json!({ "leaseToken": "x", "action": "steal" }), "action"),
            (json!({ "leaseToken": "x\0", "action": "finish" }), "leaseToken"),
            (json!({ "leaseToken": "x", "action": "finish", "error": "none" }), "error"),
            (json!({ "leaseToken": "x", "action": "extend", "error": "none" }), "error"),
            (json!({ "leaseToken": "x", "action": "fail", "error": "🦀".repeat(1_001) }), "error"),
            (json!({ "leaseToken": "x", "action": "fail", "error": "a\0b" }), "error"),
            (json!({ "leaseToken": "x", "action": "fail", "status": "done" }), "status"),
        ] {
            let answer = jobs.patch("/jobs/1", &body.to_string());
            assert_eq!((answer.status, &answer.json()["errors"][0]["path"]), (400, &json!(field)), "{body}");
        }
        for action in [json!(5), json!(null), json!(["finish"]), json!({}), json!({ "finish": null })] {
            let answer = jobs.patch("/jobs/1", &json!({ "leaseToken": "x", "action": action }).to_string());
            assert_eq!(answer.json()["errors"][0]["message"], "must be a string", "{action}");
        }
        let longest = json!({ "leaseToken": "x", "action": "fail", "error": "🦀".repeat(1_000) });
        assert_eq!(jobs.patch("/jobs/0", &longest.to_string()).status, 404);
    });
}

#[test]
fn a_job_is_back_when_the_lease_of_its_silent_worker_ends() {
    each_variant_with(&[("LEASE_MS", "1000")], |jobs| {
        let id = jobs.submit(5);
        let claimed = Instant::now();
        assert_eq!(jobs.claim()["id"], id);
        assert_eq!(jobs.claim(), Value::Null);
        eventually(Duration::from_secs(2), "it is back", || jobs.claim()["id"] == id);
        assert!(claimed.elapsed() >= Duration::from_secs(1));
        assert_eq!(jobs.metric("jobs_claimed_total"), 2.0);
    });
}

#[test]
fn a_job_that_ends_all_its_workers_is_dead_after_5_and_the_next_is_given_out() {
    each_variant(|jobs| {
        let poison = jobs.submit(9);
        let harmless = jobs.submit(0);
        for _ in 0..5 {
            let claim = jobs.claim();
            assert_eq!(claim["id"], poison);
            expire(jobs, &claim);
        }
        assert_eq!(jobs.claim()["id"], harmless);
        let job = jobs.job(&json!(poison));
        assert_eq!((&job["status"], &job["attempt"]), (&json!("dead"), &json!(5)));
        let never = json!("its worker never reported after the claim");
        assert_eq!((&job["lastError"], &job["claimedBy"]), (&never, &json!("ada")));
        assert_eq!(jobs.metric("jobs_dead_total"), 1.0);
    });
}

#[test]
fn a_worker_that_fell_silent_is_told_from_one_that_never_reported() {
    each_variant(|jobs| {
        let id = json!(jobs.submit(5));
        let mut says = Vec::new();
        for reports in [true, false, true] {
            let claim = jobs.claim();
            says.push(jobs.job(&id)["lastError"].clone());
            if reports {
                assert_eq!(jobs.report(&claim, "extend").status, 200);
            }
            expire(jobs, &claim);
        }
        jobs.claim();
        says.push(jobs.job(&id)["lastError"].clone());
        let (silent, never) = ("its worker fell silent", "its worker never reported after the claim");
        assert_eq!(says, [Value::Null, json!(silent), json!(never), json!(silent)]);
    });
}
