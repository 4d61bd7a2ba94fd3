//! What does a whole service cost beside its database? `POST /jobs/claim` of the solution against pgbench with the same
//! SQL: 10 connections each, over TCP, to the same PostgreSQL, which writes each commit to the disk as it does by default.
//!
//! `cargo bench -p jobs --all-features` prints the ratio and the service's memory, and fails when one misses its
//! goal. The runs alternate, so that whatever else the machine does falls on both.

use std::{
    fs,
    process::{Command, ExitCode},
    sync::atomic::AtomicBool,
    time::Duration,
};

use anyhow::{Context, ensure};
use loadgen::Plan;
use shared::testkit::{Postgres, Service, TestDatabase};

const SCHEMA: &str = include_str!("../../../db/jobs/schema.sql");
const SEED: &str = include_str!("../../../db/jobs/seed.sql");

/// More than are claimed in a turn.
const JOBS: u32 = 100_000;

/// As many as the solution's pool has.
const CONNECTIONS: usize = 10;
const USERS: usize = 50;
const SECONDS: u64 = 4;

/// Which of the two is measured when: pgbench or the jobs. Each turn has fresh data.
const ORDER: &str = "pjjppjjp";

/// Answers per second, beside pgbench's transactions per second.
const RATE_GOAL: f64 = 0.5;

/// Memory of the service while it is under load.
const RESIDENT_MB_GOAL: f64 = 20.0;

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
    let (mut pgbench, mut ours, mut resident_mb) = (Vec::new(), Vec::new(), 0.0_f64);
    for turn in ORDER.chars() {
        let database = postgres.database("seeded");
        let jobs = Service::start(env!("CARGO_BIN_EXE_jobs-solution"), &[("DATABASE_URL", &database.url())]);
        let sql = sql_of_a_claim(&jobs, &database)?;
        match turn {
            'p' => pgbench.push(run_pgbench(&postgres, &database, &sql)?),
            _ => {
                ours.push(load(&jobs)?);
                resident_mb = resident_mb.max(jobs.resident_bytes() as f64 / 1e6);
            }
        }
    }
    let mean = |rates: &[f64]| rates.iter().sum::<f64>() / rates.len() as f64;
    let (pgbench, ours) = (mean(&pgbench), mean(&ours));
    let ratio = ours / pgbench;
    println!("jobs_claim_vs_pgbench: {ratio:.2} ({ours:.0}/s against {pgbench:.0}/s)");
    println!("jobs_resident_mb: {resident_mb:.1}");
    if ratio >= RATE_GOAL && resident_mb <= RESIDENT_MB_GOAL {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("jobs bench: the goals are at least {RATE_GOAL} and at most {RESIDENT_MB_GOAL} MB");
    Ok(ExitCode::FAILURE)
}

/// What the service really sends, from PostgreSQL's own list of who runs what.
fn sql_of_a_claim(jobs: &Service, database: &TestDatabase) -> anyhow::Result<String> {
    ensure!(jobs.post("/jobs/claim", CLAIM).status == 200, "there is no claim");
    let rows = database.sql(
        "SELECT query FROM pg_stat_activity WHERE query LIKE '%SKIP LOCKED%' AND pid <> pg_backend_pid()",
    );
    rows.into_iter().flatten().flatten().next().context("PostgreSQL has seen no claim")
}

const CLAIM: &str = r#"{"worker": "grace"}"#;

/// Transactions per second.
fn run_pgbench(postgres: &Postgres, database: &TestDatabase, sql: &str) -> anyhow::Result<f64> {
    let script = std::env::temp_dir().join(format!("jobs-{}.sql", std::process::id()));
    // pgbench makes parameters of its variables.
    fs::write(&script, sql.replace("$1", ":worker").replace("$2", ":lease_ms"))?;
    let output = Command::new(postgres.program("pgbench"))
        .args(["--protocol=prepared", "--no-vacuum", "--jobs=1"])
        .args(["--define=worker=grace", "--define=lease_ms=30000"])
        .arg(format!("--client={CONNECTIONS}"))
        .arg(format!("--time={SECONDS}"))
        .arg(format!("--file={}", script.display()))
        .arg(database.url())
        .output();
    fs::remove_file(&script)?;
    let output = output.context("cannot run pgbench (Debian and Ubuntu: apt-get install postgresql)")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    // "tps = 30749.774266 (without initial connection time)"
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.context("pgbench says something new")
}

/// Answers per second.
fn load(jobs: &Service) -> anyhow::Result<f64> {
    let endpoint = serde_json::json!({
        "name": "claim", "method": "POST", "path": "/jobs/claim", "body": CLAIM, "contains": "leaseToken",
        "headers": [["Content-Type", "application/json"]],
    });
    let plan = Plan {
        target: jobs.address.to_string(),
        endpoints: vec![serde_json::from_value(endpoint)?],
        users: USERS,
        warm_up: Duration::from_secs(1),
        duration: Duration::from_secs(SECONDS),
        timeout: Duration::from_secs(2),
        blocks: 1,
        threads: 1,
        seed: 1,
    };
    let total = loadgen::run(&plan, &AtomicBool::new(false), |_| ())?.summary().total;
    ensure!(total.ok == total.requests, "not all requests succeeded: {:?}", total.errors);
    Ok(total.ok_per_s)
}
