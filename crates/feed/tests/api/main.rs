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

use testkit::{Answer, Postgres, Service, TestDatabase, despite_the_pool};

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

/// A running variant, and the database it has to itself.
struct Feed {
    service: Service,
    database: TestDatabase<'static>,
}

impl Feed {
    fn start(variant: &str) -> Self {
        Self::start_with(variant, &[])
    }

    fn start_with(variant: &str, environment: &[(&str, &str)]) -> Self {
        let database = POSTGRES.database("seeded");
        let service =
            Service::start(variant, &[&[("DATABASE_URL", database.url().as_str())], environment].concat());
        Self { service, database }
    }

    fn get(&self, path: &str) -> Answer {
        despite_the_pool(|| self.service.get(path))
    }

    fn post(&self, path: &str, body: &str) -> Answer {
        despite_the_pool(|| self.service.post(path, body))
    }

    fn send(&self, request: impl AsRef<[u8]>) -> Answer {
        despite_the_pool(|| self.service.send(&request))
    }
}

/// Runs `test` once per variant, each time with a process and a seeded database of its own.
fn each_variant(test: impl Fn(&Feed)) {
    // The same snapshots for each.
    insta::allow_duplicates! {
        for variant in VARIANTS {
            println!("{variant}");
            test(&Feed::start(variant));
        }
    }
}
