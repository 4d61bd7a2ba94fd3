//! `Idempotency-Key`: a submit that is sent again happens once.

use std::{collections::HashSet, thread};

use insta::assert_snapshot;
use testkit::Answer;

use crate::{Jobs, each_variant, with_body};

const JOB: &str = r#"{"type": "process_payment", "payload": {"cents": 4200}}"#;

fn submit(jobs: &Jobs, key: &str, body: &str) -> Answer {
    jobs.send(with_body("POST", "/jobs", &format!("Idempotency-Key: {key}\r\n"), body))
}

fn count(jobs: &Jobs) -> String {
    jobs.database.sql("SELECT count(*) FROM jobs WHERE status = 'pending'")[0][0].clone().unwrap()
}

#[test]
fn a_replay_is_byte_equal_and_says_that_it_is_one() {
    each_variant(|jobs| {
        let first = submit(jobs, "k-1", JOB);
        assert_eq!((first.status, first.header("idempotency-replayed")), (201, None));
        // What becomes of the job meanwhile changes nothing.
        jobs.claim();
        let again = submit(jobs, "k-1", JOB);
        assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")));
        assert_eq!(again.body, first.body);
        for name in ["location", "content-type"] {
            assert_eq!(again.header(name), first.header(name));
        }
    });
}

#[test]
fn the_same_key_with_another_body_is_refused() {
    each_variant(|jobs| {
        submit(jobs, "k-1", JOB);
        assert_snapshot!(submit(jobs, "k-1", &JOB.replace("4200", "4201")), @r#"
        422
        content-type: application/problem+json
        x-instance: jobs

        {"type":"key-reused","title":"same key, other body","status":422,"detail":"this Idempotency-Key came with another body before; use a new key for a new request","errors":[{"path":"Idempotency-Key","message":"this Idempotency-Key came with another body before; use a new key for a new request"}]}
        "#);
        assert_eq!(count(jobs), "1");
    });
}

#[test]
fn a_submit_that_was_refused_leaves_its_key_free() {
    each_variant(|jobs| {
        assert_eq!(submit(jobs, "k-1", "{}").status, 400);
        assert_eq!(submit(jobs, "k-1", JOB).header("idempotency-replayed"), None);
    });
}

#[test]
fn without_a_key_each_submit_is_a_new_one() {
    each_variant(|jobs| {
        let ids: HashSet<_> = (0..3).map(|_| jobs.post("/jobs", JOB).json()["id"].to_string()).collect();
        assert_eq!(ids.len(), 3);
    });
}

#[test]
fn a_key_has_1_to_255_visible_characters() {
    each_variant(|jobs| {
        for (key, status) in [
            ("", 400),
            (" ", 400),
            ("a b", 400),
            ("é", 400),
            (&"k".repeat(255), 201),
            (&"k".repeat(256), 400),
        ] {
            assert_eq!(submit(jobs, key, JOB).status, status, "{key}");
        }
        assert_eq!(
            submit(jobs, "a\r\nIdempotency-Key: b", JOB).json()["errors"][0]["path"],
            "Idempotency-Key"
        );
    });
}

#[test]
fn of_50_at_once_with_the_same_key_one_is_first() {
    const KEYS: usize = 8;
    each_variant(|jobs| {
        for key in 0..KEYS {
            let key = format!("k-{key}");
            let bodies: HashSet<_> = thread::scope(|scope| {
                let submits: Vec<_> = (0..50).map(|_| scope.spawn(|| submit(jobs, &key, JOB))).collect();
                submits
                    .into_iter()
                    .map(|submit| submit.join().unwrap())
                    .map(|answer| (answer.status, answer.body))
                    .collect()
            });
            assert_eq!(bodies.into_iter().map(|(status, _)| status).collect::<Vec<_>>(), [201]);
        }
        assert_eq!(count(jobs), KEYS.to_string());
    });
}

#[test]
fn a_key_in_quotation_marks_is_the_key_that_it_quotes() {
    each_variant(|jobs| {
        assert_eq!(submit(jobs, r#""k-1""#, JOB).status, 201);
        assert_eq!(submit(jobs, "k-1", JOB).header("idempotency-replayed"), Some("true"));
        for key in [r#"""#, r#""k"#, r#""k"1"#] {
            assert_eq!(submit(jobs, key, JOB).status, 400, "{key}");
        }
    });
}
