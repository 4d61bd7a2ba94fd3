//! What the API promises, over real HTTP and on a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod catalogue;
mod placing;
mod money;
mod keys;
mod crash;
mod report;
mod hostile;
mod running;
mod data;

use std::sync::LazyLock;

use testkit::{Answer, Postgres, Service, TestDatabase, with_body};

const SCHEMA: &str = include_str!("../../../../db/orders/schema.sql");
const SEED: &str = include_str!("../../../../db/orders/seed.sql");
const PROGRAM: &str = env!("CARGO_BIN_EXE_orders");

/// One server for all tests; each takes a clone of its database `seeded`: all the products, and few orders.
static POSTGRES: LazyLock<Postgres> = LazyLock::new(|| {
    let postgres = Postgres::start(&[]);
    postgres.template("seeded", &[SCHEMA, &format!("SET seed.orders = '1000'; {SEED}")]);
    postgres
});

/// A running service, and the database it has to itself.
struct Shop {
    service: Service,
    database: TestDatabase<'static>,
}

impl Shop {
    fn start() -> Self {
        let database = POSTGRES.database("seeded");
        Self { service: instance(&database, &[]), database }
    }

    fn get(&self, path: &str) -> Answer {
        self.service.get(path)
    }

    fn order(&self, product: i64, quantity: i64) -> Answer {
        self.service.post("/orders", &order(product, quantity))
    }

    /// The one value that `sql` asks for.
    fn value(&self, sql: &str) -> String {
        self.database.sql(sql)[0][0].clone().unwrap()
    }
}

/// Starts one of the services that share `database`.
fn instance(database: &TestDatabase, environment: &[(&str, &str)]) -> Service {
    let url = database.url();
    Service::start(
        PROGRAM,
        &[&[("DATABASE_URL", url.as_str()), ("POOL_MAX_SIZE", "7")], environment].concat(),
    )
}

fn order(product: i64, quantity: i64) -> String {
    format!(r#"{{"productId": {product}, "quantity": {quantity}}}"#)
}

/// `POST /orders` with an `Idempotency-Key`, ready to be sent.
fn keyed(key: &str, body: &str) -> String {
    with_body("POST", "/orders", &format!("Idempotency-Key: {key}\r\n"), body)
}
