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

use std::{iter, sync::LazyLock};

use shared::testkit::{Answer, Postgres, Service, TestDatabase};

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
        self.ask(|| self.service.get(path))
    }

    fn post(&self, path: &str, body: &str) -> Answer {
        self.ask(|| self.service.post(path, body))
    }

    fn send(&self, request: impl AsRef<[u8]>) -> Answer {
        self.ask(|| self.service.send(&request))
    }

    /// Asks again where the starter's fault shows: on a busy machine its 150 ms may pass before it is connected.
    fn ask(&self, request: impl Fn() -> Answer) -> Answer {
        let is_the_fault = |answer: &Answer| answer.status == 503 && answer.json()["type"] == "pool-timeout";
        iter::repeat_with(request)
            .take(20)
            .find(|answer| !is_the_fault(answer))
            .expect("one of 20 comes through")
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
