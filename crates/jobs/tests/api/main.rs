//! What the API promises, over real HTTP and on a real PostgreSQL. It holds for the starter and for the solution.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod submit;
mod idempotency;
mod claim;
mod lease;
mod look;
mod many_workers;
mod worker;
mod hostile;
mod observability;
mod data;

use std::sync::LazyLock;

use serde_json::{Value, json};
use testkit::{Answer, Postgres, Service, TestDatabase, despite_the_pool, with_body};

const SCHEMA: &str = include_str!("../../../../db/jobs/schema.sql");
const SEED: &str = include_str!("../../../../db/jobs/seed.sql");

const STARTER: &str = env!("CARGO_BIN_EXE_jobs");
#[cfg(feature = "solution")]
const SOLUTION: &str = env!("CARGO_BIN_EXE_jobs-solution");

/// The programs that must keep these promises.
const VARIANTS: &[&str] = &[
    STARTER,
    #[cfg(feature = "solution")]
    SOLUTION,
];

/// One server for all tests; each takes a clone of its database `seeded`, or of `idle`, in which nothing waits.
static POSTGRES: LazyLock<Postgres> = LazyLock::new(|| {
    let postgres = Postgres::start(&[]);
    postgres.template("seeded", &[SCHEMA, SEED]);
    postgres.template("idle", &[SCHEMA, SEED, "DELETE FROM jobs WHERE status = 'pending'"]);
    postgres
});

/// A running variant, and the database it has to itself.
struct Jobs {
    service: Service,
    database: TestDatabase<'static>,
}

impl Jobs {
    fn start(variant: &str, template: &str, environment: &[(&str, &str)]) -> Self {
        let database = POSTGRES.database(template);
        let service =
            Service::start(variant, &[&[("DATABASE_URL", database.url().as_str())], environment].concat());
        Self { service, database }
    }

    /// Stops the service and starts it again on the same database. In between, nobody answers.
    fn restart(&mut self, environment: &[(&str, &str)]) {
        self.service.terminate();
        assert!(self.service.wait().success());
        let url = self.database.url();
        self.service = Service::start(STARTER, &[&[("DATABASE_URL", url.as_str())], environment].concat());
    }

    fn get(&self, path: &str) -> Answer {
        despite_the_pool(|| self.service.get(path))
    }

    fn post(&self, path: &str, body: &str) -> Answer {
        despite_the_pool(|| self.service.post(path, body))
    }

    fn patch(&self, path: &str, body: &str) -> Answer {
        self.send(with_body("PATCH", path, "", body))
    }

    fn send(&self, request: impl AsRef<[u8]>) -> Answer {
        despite_the_pool(|| self.service.send(&request))
    }

    /// Submits a job of this priority; returns its id.
    fn submit(&self, priority: u8) -> i64 {
        let job = json!({ "type": "send_email", "payload": { "to": "a@example.com" }, "priority": priority });
        let answer = self.post("/jobs", &job.to_string());
        assert_eq!(answer.status, 201, "{answer}");
        answer.json()["id"].as_i64().unwrap()
    }

    /// Claims the next job; null when nothing waits.
    fn claim(&self) -> Value {
        let answer = self.post("/jobs/claim", r#"{"worker": "ada"}"#);
        if answer.status == 204 { Value::Null } else { answer.json() }
    }

    /// Tells how a claimed job went; `error` goes with `fail`.
    fn report(&self, claim: &Value, action: &str) -> Answer {
        let mut report = json!({ "leaseToken": claim["leaseToken"], "action": action });
        if action == "fail" {
            report["error"] = json!("out of memory");
        }
        self.patch(&format!("/jobs/{}", claim["id"]), &report.to_string())
    }

    fn job(&self, id: &Value) -> Value {
        self.get(&format!("/jobs/{id}")).json()
    }

    /// The value of a metric without labels.
    fn metric(&self, name: &str) -> f64 {
        self.service.metric(name)
    }
}

/// Runs `test` once per variant, each time with a process and a database of its own in which nothing waits.
fn each_variant(test: impl Fn(&Jobs)) {
    each_variant_with(&[], test);
}

fn each_variant_with(environment: &[(&str, &str)], test: impl Fn(&Jobs)) {
    // The same snapshots for each.
    insta::allow_duplicates! {
        for variant in VARIANTS {
            println!("{variant}");
            test(&Jobs::start(variant, "idle", environment));
        }
    }
}
