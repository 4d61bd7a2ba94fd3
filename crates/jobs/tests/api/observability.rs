//! What an operator sees of the jobs. What all services show alike is proved with the feed.

use std::{process::Command, time::Duration};

use insta::assert_snapshot;
use testkit::{PASSWORD, Service, eventually};

use crate::{VARIANTS, each_variant};

#[test]
fn every_metric_is_there_from_the_start() {
    each_variant(|jobs| {
        let metrics = String::from_utf8(jobs.get("/metrics").body).unwrap();
        let mut types: Vec<_> =
            metrics.lines().filter_map(|line| line.strip_prefix("# TYPE jobs_")).collect();
        types.sort_unstable();
        assert_snapshot!(types.join("\n"), @"
        claimed_total counter
        dead_total counter
        pending gauge
        ");
        assert!(metrics.contains("\njobs_claimed_total 0\n") && metrics.contains("\njobs_dead_total 0\n"));
    });
}

#[test]
fn the_pending_jobs_are_sampled_and_no_connection_of_the_pool_is_used() {
    each_variant(|jobs| {
        jobs.database
            .sql("INSERT INTO jobs (type, payload) SELECT 'send_email', '{}' FROM generate_series(1, 42)");
        eventually(Duration::from_secs(3), "42 are pending", || jobs.metric("jobs_pending") == 42.0);
        assert_eq!(jobs.metric("db_pool_wait_seconds_count"), 0.0);
    });
}

#[test]
fn claims_are_counted_and_those_in_vain_are_not() {
    each_variant(|jobs| {
        jobs.claim();
        jobs.submit(5);
        jobs.claim();
        assert_eq!(jobs.metric("jobs_claimed_total"), 1.0);
    });
}

#[test]
fn a_service_starts_before_its_database() {
    for variant in VARIANTS {
        // Nothing listens there.
        let jobs = Service::start(variant, &[("DATABASE_URL", "postgres://owner:secret@127.0.0.1:1/jobs")]);
        assert_eq!(jobs.get("/livez").status, 200);
        for path in ["/readyz", "/jobs/1", "/jobs/stats", "/workers"] {
            let answer = jobs.get(path);
            assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{path}");
        }
    }
}

#[test]
fn a_wrong_setting_is_named_in_one_line_and_nothing_starts() {
    let worker = [env!("CARGO_BIN_EXE_jobs-worker")];
    let wrong =
        [("LISTEN_ADDRESS", "127.0.0.1:0"), ("DATABASE_URL", PASSWORD), ("JOBS_URL", "127.0.0.1:3000")];
    let errors = VARIANTS.iter().chain(&worker).map(|program| {
        let output = Command::new(program).env_clear().envs(wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    });
    let mut errors: Vec<_> = errors.collect();
    errors.dedup();
    assert_eq!(
        errors,
        [
            "jobs: DATABASE_URL: expected postgres://user:password@host:port/database\n",
            "jobs-worker: JOBS_URL=\"127.0.0.1:3000\": expected http://host:port\n"
        ]
    );
}
