//! What the API promises, over real HTTP and on a real PostgreSQL. It holds for the starter and for the solution.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod posts;
mod feed;
mod user_posts;
mod hostile;
mod slow_clients;
mod outage;
mod stop;
mod observability;
mod data;

use std::sync::LazyLock;

use shared::testkit::{Postgres, Service, TestDatabase};

const SCHEMA: &str = include_str!("../../../../db/feed/schema.sql");
const SEED: &str = include_str!("../../../../db/feed/seed.sql");
const FIX: &str = include_str!("../../../../db/feed/fix.sql");

const STARTER: &str = env!("CARGO_BIN_EXE_feed");
#[cfg(feature = "solution")]
const SOLUTION: &str = env!("CARGO_BIN_EXE_feed-solution");

/// The programs that must keep these promises.
const VARIANTS: &[&str] = &[
    STARTER,
    #[cfg(feature = "solution")]
    SOLUTION,
];

/// One server for all tests; each takes a clone of its database `seeded`.
static POSTGRES: LazyLock<Postgres> = LazyLock::new(|| {
    let postgres = Postgres::start(&[]);
    postgres.template("seeded", &[SCHEMA, SEED]);
    postgres
});

/// Runs `test` once per variant, each time with a process and a seeded database of its own.
fn each_variant(test: impl Fn(&Service, &TestDatabase)) {
    // The same snapshots for each.
    insta::allow_duplicates! {
        for variant in VARIANTS {
            println!("{variant}");
            let database = POSTGRES.database("seeded");
            test(&start(variant, &database), &database);
        }
    }
}

fn start(variant: &str, database: &TestDatabase) -> Service {
    Service::start(variant, &[("DATABASE_URL", &database.url())])
}
