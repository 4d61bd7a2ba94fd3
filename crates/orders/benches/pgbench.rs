//! What does a whole service cost beside its database? A page of the catalogue against pgbench with the same SQL: 10
//! connections each, over TCP, to the same PostgreSQL.
//!
//! `cargo bench -p orders` prints the ratio and the service's memory, and fails when one misses its goal.

use std::{process::ExitCode, time::Duration};

use anyhow::ensure;
use loadgen::Endpoint;
use testkit::{Postgres, Service, beside_pgbench};

const SCHEMA: &str = include_str!("../../../db/orders/schema.sql");
const SEED: &str = include_str!("../../../db/orders/seed.sql");

/// The page that is asked for, and what its SQL is given: the category, the name it begins after, and one row more than
/// fits on it.
const PAGE: &str = "/products?category=garden&after=Large";
const PARAMETERS: [(&str, &str); 3] = [("category", "garden"), ("after", "Large"), ("rows", "21")];

/// As many as the one server of the lesson may have.
const CONNECTIONS: usize = 10;
const USERS: usize = 100;
const SECONDS: u64 = 4;

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
    let environment = [("DATABASE_URL", database.url()), ("POOL_MAX_SIZE", CONNECTIONS.to_string())];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    let shop = Service::start(env!("CARGO_BIN_EXE_orders"), &environment);
    ensure!(shop.get(PAGE).status == 200, "the shop does not answer");
    let sql = database.seen("SELECT \"products\"%")?;
    let pgbench = || postgres.pgbench(&database, &sql, &PARAMETERS, CONNECTIONS, SECONDS);
    let ours = || {
        let (duration, timeout) = (Duration::from_secs(SECONDS), Duration::from_secs(2));
        let rate = loadgen::rate(shop.address, Endpoint::get(PAGE), USERS, duration, timeout)?;
        Ok((rate, shop.resident_bytes()))
    };
    beside_pgbench("orders", "orders_product_page_vs_pgbench", pgbench, ours)
}
