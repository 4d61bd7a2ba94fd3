//! What does a whole service cost beside its database? `GET /feed` of the solution against pgbench with the same
//! SQL: 10 connections each, over TCP, to the same PostgreSQL.
//!
//! `cargo bench -p feed --all-features` prints the ratio and the service's memory, and fails when one misses its
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

const SCHEMA: &str = include_str!("../../../db/feed/schema.sql");
const SEED: &str = include_str!("../../../db/feed/seed.sql");
const FIX: &str = include_str!("../../../db/feed/fix.sql");

/// As many as the solution's pool has.
const CONNECTIONS: usize = 10;
const USERS: usize = 100;
const SECONDS: u64 = 4;

/// Which of the two is measured when: pgbench or the feed.
const ORDER: &str = "pffppffp";

/// Answers per second, beside pgbench's transactions per second.
const RATE_GOAL: f64 = 0.5;

/// Memory of the service while it is under load.
const RESIDENT_MB_GOAL: f64 = 20.0;

fn main() -> ExitCode {
    compare().unwrap_or_else(|error| {
        eprintln!("feed bench: {error:#}");
        ExitCode::FAILURE
    })
}

fn compare() -> anyhow::Result<ExitCode> {
    let postgres = Postgres::start(&[]);
    postgres.template("indexed", &[SCHEMA, SEED, FIX]);
    let database = postgres.database("indexed");
    let feed = Service::start(env!("CARGO_BIN_EXE_feed-solution"), &[("DATABASE_URL", &database.url())]);
    let sql = sql_of_the_feed(&feed, &database)?;
    let (mut pgbench, mut ours, mut resident_mb) = (Vec::new(), Vec::new(), 0.0_f64);
    for turn in ORDER.chars() {
        match turn {
            'p' => pgbench.push(run_pgbench(&postgres, &database, &sql)?),
            _ => {
                ours.push(load(&feed)?);
                resident_mb = resident_mb.max(feed.resident_bytes() as f64 / 1e6);
            }
        }
    }
    let mean = |rates: &[f64]| rates.iter().sum::<f64>() / rates.len() as f64;
    let (pgbench, ours) = (mean(&pgbench), mean(&ours));
    let ratio = ours / pgbench;
    println!("feed_vs_pgbench: {ratio:.2} ({ours:.0}/s against {pgbench:.0}/s)");
    println!("feed_resident_mb: {resident_mb:.1}");
    if ratio >= RATE_GOAL && resident_mb <= RESIDENT_MB_GOAL {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("feed bench: the goals are at least {RATE_GOAL} and at most {RESIDENT_MB_GOAL} MB");
    Ok(ExitCode::FAILURE)
}

/// What the service really sends, from PostgreSQL's own list of who runs what.
fn sql_of_the_feed(feed: &Service, database: &TestDatabase) -> anyhow::Result<String> {
    ensure!(feed.get("/feed").status == 200, "the feed does not answer");
    let rows = database.sql("SELECT query FROM pg_stat_activity WHERE query LIKE 'SELECT \"posts\"%'");
    rows.into_iter().flatten().flatten().next().context("PostgreSQL has seen no query of the feed")
}

/// Transactions per second.
fn run_pgbench(postgres: &Postgres, database: &TestDatabase, sql: &str) -> anyhow::Result<f64> {
    let script = std::env::temp_dir().join(format!("feed-{}.sql", std::process::id()));
    fs::write(&script, sql)?;
    let output = Command::new(postgres.program("pgbench"))
        .args(["--protocol=prepared", "--no-vacuum", "--jobs=1"])
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
fn load(feed: &Service) -> anyhow::Result<f64> {
    let plan = Plan {
        target: feed.address.to_string(),
        endpoints: vec![serde_json::from_str(r#"{"name": "feed", "path": "/feed"}"#)?],
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
