//! What the API promises, over real HTTP, on a real PostgreSQL and a real Redis. It holds for the starter and for the
//! solution, unless a test says otherwise.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod tasks;
mod task_changes;
mod task_lists;
mod search;
mod users;
mod categories;
mod cache;
#[cfg(feature = "solution")]
mod shared_cache;
mod model;
mod steps;
mod hostile;
mod observability;
mod data;

use std::{ops::Deref, sync::LazyLock};

use testkit::{Postgres, Redis, Service, TestDatabase};

const SCHEMA: &str = include_str!("../../../../db/tasks/schema.sql");
const SEED: &str = include_str!("../../../../db/tasks/seed.sql");

const STARTER: &str = env!("CARGO_BIN_EXE_tasks");
#[cfg(feature = "solution")]
const SOLUTION: &str = env!("CARGO_BIN_EXE_tasks-solution");

/// The programs that must keep these promises.
const VARIANTS: &[&str] = &[
    STARTER,
    #[cfg(feature = "solution")]
    SOLUTION,
];

/// One server for all tests; each takes a clone of `seeded`, with 1,000 tasks, of `lesson`, with its 100,000, or of `empty`.
static POSTGRES: LazyLock<Postgres> = LazyLock::new(|| {
    let postgres = Postgres::start(&["track_activity_query_size=16384"]);
    postgres.template("empty", &[SCHEMA]);
    postgres.template("seeded", &[SCHEMA, &format!("SET seed.tasks = '1000'; {SEED}")]);
    postgres
});

static LESSON: LazyLock<()> = LazyLock::new(|| POSTGRES.template("lesson", &[SCHEMA, SEED]));

/// A database with as many tasks as the lesson has.
fn lesson_database() -> TestDatabase<'static> {
    LazyLock::force(&LESSON);
    POSTGRES.database("lesson")
}

/// A running variant, with a database and a Redis that it has to itself.
struct Api {
    service: Service,
    database: TestDatabase<'static>,
    redis: Redis,
}

impl Api {
    fn start(variant: &str) -> Self {
        Self::on(variant, POSTGRES.database("seeded"))
    }

    fn on(variant: &str, database: TestDatabase<'static>) -> Self {
        let redis = Redis::start();
        let service = start(variant, &database, &redis, "tasks");
        Self { service, database, redis }
    }

    /// One more instance on the same database and Redis.
    #[cfg(feature = "solution")]
    fn another(&self, variant: &str) -> Service {
        start(variant, &self.database, &self.redis, "tasks-2")
    }
}

impl Deref for Api {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

fn start(variant: &str, database: &TestDatabase, redis: &Redis, instance: &str) -> Service {
    let environment =
        [("DATABASE_URL", database.url()), ("REDIS_URL", redis.url()), ("INSTANCE", instance.to_owned())];
    Service::start(variant, &environment.each_ref().map(|(name, value)| (*name, value.as_str())))
}

/// Runs `test` once per variant, each time with a process, a database and a Redis of its own.
fn each_variant(test: impl Fn(&Api)) {
    // The same snapshots for each.
    insta::allow_duplicates! {
        for variant in VARIANTS {
            println!("{variant}");
            test(&Api::start(variant));
        }
    }
}
