//! What does a whole service cost beside its database? `POST /jobs/claim` of the solution against pgbench with the same
//! SQL: 10 connections each, over TCP, to the same PostgreSQL, which writes each commit to the disk as it does by default.
//!
//! `cargo bench -p jobs --all-features` prints the ratio and the service's memory, and fails when one misses its
//! goal. Each turn has fresh data.

use std::{process::ExitCode, time::Duration};

use anyhow::ensure;
use loadgen::Endpoint;
use testkit::{Postgres, Service, TestDatabase, beside_pgbench};

const SCHEMA: &str = include_str!("../../../db/jobs/schema.sql");
const SEED: &str = include_str!("../../../db/jobs/seed.sql");

/// More than are claimed in a turn.
const JOBS: u32 = 100_000;

/// As many as the solution's pool has.
const CONNECTIONS: usize = 10;
const USERS: usize = 50;
const SECONDS: u64 = 4;

const CLAIM: &str = r#"{"worker": "grace"}"#;
const PARAMETERS: [(&str, &str); 2] = [("worker", "grace"), ("lease_ms", "30000")];

fn main() -> ExitCode {
    compare().unwrap_or_else(|error| {
        eprintln!("jobs bench: {error:#}");
        ExitCode::FAILURE
    })
}

fn compare() -> anyhow::Result<ExitCode> {
    // By default PostgreSQL shows the first 1,024 bytes of a query: the claim, but not its WHERE.
    let postgres = Postgres::start(&["track_activity_query_size=8192"]);
    postgres.template("seeded", &[SCHEMA, &format!("SET seed.jobs = '{JOBS}'; {SEED}")]);
    let pgbench = || {
        let database = postgres.database("seeded");
        // It goes on running, as it does in the other turns.
        let _jobs = start(&database)?;
        let sql = database.seen("%SKIP LOCKED%")?;
        postgres.pgbench(&database, &sql, &PARAMETERS, CONNECTIONS, SECONDS)
    };
    let ours = || {
        let database = postgres.database("seeded");
        let jobs = start(&database)?;
        let (duration, timeout) = (Duration::from_secs(SECONDS), Duration::from_secs(2));
        let rate = loadgen::rate(jobs.address, claim()?, USERS, duration, timeout)?;
        Ok((rate, jobs.resident_bytes()))
    };
    beside_pgbench("jobs", "jobs_claim_vs_pgbench", pgbench, ours)
}

/// A service that has claimed a job.
fn start(database: &TestDatabase) -> anyhow::Result<Service> {
    let jobs = Service::start(env!("CARGO_BIN_EXE_jobs-solution"), &[("DATABASE_URL", &database.url())]);
    ensure!(jobs.post("/jobs/claim", CLAIM).status == 200, "there is no claim");
    Ok(jobs)
}

fn claim() -> anyhow::Result<Endpoint> {
    let endpoint = serde_json::json!({
        "name": "claim", "method": "POST", "path": "/jobs/claim", "body": CLAIM, "contains": "leaseToken",
        "headers": [["Content-Type", "application/json"]],
    });
    Ok(serde_json::from_value(endpoint)?)
}
