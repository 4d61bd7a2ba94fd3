//! What does a whole service cost beside its database? A page of the catalogue against pgbench with the same SQL: 10
//! connections each, over TCP, to the same PostgreSQL.
//!
//! `cargo bench -p orders` prints the ratio and the service's memory, and fails when one misses its
//! goal. The runs alternate, so that whatever else the machine does falls on both.

use std::{
    fs,
    process::{Command, ExitCode},
    sync::atomic::AtomicBool,
    time::Duration,
};

use anyhow::{Context, ensure};
use loadgen::Plan;
use serde_json::json;
use shared::testkit::{Postgres, Service, TestDatabase};

const SCHEMA: &str = include_str!("../../../db/orders/schema.sql");
const SEED: &str = include_str!("../../../db/orders/seed.sql");

/// The page that is asked for, and what its SQL is given: the category, the name it begins after, and one row more than
/// fits on it.
const PAGE: &str = "/products?category=garden&after=Large";
const PARAMETERS: [(&str, &str); 3] = [("category", "garden"), ("after", "Large"), ("rows", "21")];

/// As many as the one server of the lesson may have.
const CONNECTIONS: &str = "10";
const USERS: usize = 100;
const SECONDS: u64 = 4;

/// Which of the two is measured when: pgbench or ours.
const ORDER: &str = "pooppoop";

/// Answers per second, beside pgbench's transactions per second.
const RATE_GOAL: f64 = 0.5;

/// Memory of the service while it is under load.
const RESIDENT_MB_GOAL: f64 = 20.0;

fn main() -> ExitCode {
    compare().unwrap_or_else(|error| {
        eprintln!("orders bench: {error:#}");
        ExitCode::FAILURE
    })
}

fn compare() -> anyhow::Result<ExitCode> {
    let postgres = Postgres::start(&[]);
    // All products; nobody asks for the orders.
    postgres.template("seeded", &[SCHEMA, &format!("SET seed.orders = '1000'; {SEED}")]);
    let database = postgres.database("seeded");
    let environment = [("DATABASE_URL", database.url()), ("POOL_MAX_SIZE", CONNECTIONS.to_owned())];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    let shop = Service::start(env!("CARGO_BIN_EXE_orders"), &environment);
    let sql = sql_of_a_page(&shop, &database)?;
    let (mut pgbench, mut ours, mut resident_mb) = (Vec::new(), Vec::new(), 0.0_f64);
    for turn in ORDER.chars() {
        match turn {
            'p' => pgbench.push(run_pgbench(&postgres, &database, &sql)?),
            _ => {
                ours.push(load(&shop)?);
                resident_mb = resident_mb.max(shop.resident_bytes() as f64 / 1e6);
            }
        }
    }
    let mean = |rates: &[f64]| rates.iter().sum::<f64>() / rates.len() as f64;
    let (pgbench, ours) = (mean(&pgbench), mean(&ours));
    let ratio = ours / pgbench;
    println!("orders_product_page_vs_pgbench: {ratio:.2} ({ours:.0}/s against {pgbench:.0}/s)");
    println!("orders_resident_mb: {resident_mb:.1}");
    if ratio >= RATE_GOAL && resident_mb <= RESIDENT_MB_GOAL {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("orders bench: the goals are at least {RATE_GOAL} and at most {RESIDENT_MB_GOAL} MB");
    Ok(ExitCode::FAILURE)
}

/// What the service really sends, from PostgreSQL's own list of who runs what, with pgbench's names for the parameters.
fn sql_of_a_page(shop: &Service, database: &TestDatabase) -> anyhow::Result<String> {
    ensure!(shop.get(PAGE).status == 200, "the shop does not answer");
    let rows = database.sql("SELECT query FROM pg_stat_activity WHERE query LIKE 'SELECT \"products\"%'");
    let sql =
        rows.into_iter().flatten().flatten().next().context("PostgreSQL has seen no query of a page")?;
    let named = (1..)
        .zip(PARAMETERS)
        .fold(sql, |sql, (position, (name, _))| sql.replace(&format!("${position}"), &format!(":{name}")));
    Ok(named)
}

/// Transactions per second.
fn run_pgbench(postgres: &Postgres, database: &TestDatabase, sql: &str) -> anyhow::Result<f64> {
    let script = std::env::temp_dir().join(format!("orders-{}.sql", std::process::id()));
    // Without the line's end, pgbench takes what follows in its memory for a part of the last name.
    fs::write(&script, format!("{sql}\n"))?;
    let output = Command::new(postgres.program("pgbench"))
        .args(["--protocol=prepared", "--no-vacuum", "--jobs=1"])
        .arg(format!("--client={CONNECTIONS}"))
        .args(PARAMETERS.map(|(name, value)| format!("--define={name}={value}")))
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
fn load(shop: &Service) -> anyhow::Result<f64> {
    let plan = Plan {
        target: shop.address.to_string(),
        endpoints: vec![serde_json::from_value(json!({ "name": "page", "path": PAGE }))?],
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
