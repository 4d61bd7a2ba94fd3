//! What does a whole service cost beside its database? `GET /feed` of the solution against pgbench with the same
//! SQL: 10 connections each, over TCP, to the same PostgreSQL.
//!
//! `cargo bench -p feed --all-features` prints the ratio and the service's memory, and fails when one misses its
//! goal.

use std::{process::ExitCode, time::Duration};

use anyhow::ensure;
use loadgen::Endpoint;
use testkit::{Postgres, Service, beside_pgbench};

const SCHEMA: &str = include_str!("../../../db/feed/schema.sql");
const SEED: &str = include_str!("../../../db/feed/seed.sql");
const FIX: &str = include_str!("../../../db/feed/fix.sql");

/// As many as the solution's pool has.
const CONNECTIONS: usize = 10;
const USERS: usize = 100;
const SECONDS: u64 = 4;

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
    ensure!(feed.get("/feed").status == 200, "the feed does not answer");
    let sql = database.seen("SELECT \"posts\"%")?;
    let pgbench = || postgres.pgbench(&database, &sql, &[], CONNECTIONS, SECONDS);
    let ours = || {
        let (duration, timeout) = (Duration::from_secs(SECONDS), Duration::from_secs(2));
        let rate = loadgen::rate(feed.address, Endpoint::get("/feed"), USERS, duration, timeout)?;
        Ok((rate, feed.resident_bytes()))
    };
    beside_pgbench("feed", "feed_vs_pgbench", pgbench, ours)
}
