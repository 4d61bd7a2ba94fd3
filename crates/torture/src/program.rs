//! The services in the form that keeps all promises, each as its own process.

use std::{
    env,
    sync::{LazyLock, Once},
};

use testkit::{Postgres, Redis, Service, TestDatabase, with_body};

/// One of the four services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    Feed,
    Tasks,
    Jobs,
    Orders,
}

impl Program {
    pub const ALL: [Self; 4] = [Self::Feed, Self::Tasks, Self::Jobs, Self::Orders];

    /// Its name, which its role, database and folder have as well.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Tasks => "tasks",
            Self::Jobs => "jobs",
            Self::Orders => "orders",
        }
    }

    /// The path of its program: the reference solution, which is built beside this program. `orders` has one form only.
    ///
    /// # Panics
    /// When it is not there.
    pub fn path(self) -> String {
        let name =
            if self == Self::Orders { "orders".to_owned() } else { format!("{}-solution", self.name()) };
        built(&name)
    }

    /// A clone of its database, on the one PostgreSQL of all tests that leave theirs whole.
    pub fn database(self) -> TestDatabase<'static> {
        static POSTGRES: LazyLock<Postgres> = LazyLock::new(|| Postgres::start(&[]));
        static TEMPLATES: [Once; 4] = [const { Once::new() }; 4];
        TEMPLATES[self as usize].call_once(|| POSTGRES.template(self.name(), &self.sql_files()));
        POSTGRES.database(self.name())
    }

    /// A PostgreSQL of its own, to be broken, that can clone its database from the template `seeded`.
    pub fn postgres(self) -> Postgres {
        let postgres = Postgres::start(&[]);
        self.seed(&postgres);
        postgres
    }

    /// Makes the template `seeded`.
    pub fn seed(self, postgres: &Postgres) {
        postgres.template("seeded", &self.sql_files());
    }

    /// Schema and data, and the indexes that the lesson adds.
    fn sql_files(self) -> Vec<&'static str> {
        match self {
            Self::Feed => vec![
                include_str!("../../../db/feed/schema.sql"),
                include_str!("../../../db/feed/seed.sql"),
                include_str!("../../../db/feed/fix.sql"),
            ],
            Self::Tasks => vec![
                include_str!("../../../db/tasks/schema.sql"),
                concat!("SET seed.tasks = '1000'; ", include_str!("../../../db/tasks/seed.sql")),
            ],
            Self::Jobs => {
                vec![include_str!("../../../db/jobs/schema.sql"), include_str!("../../../db/jobs/seed.sql")]
            }
            Self::Orders => vec![
                include_str!("../../../db/orders/schema.sql"),
                concat!("SET seed.orders = '1000'; ", include_str!("../../../db/orders/seed.sql")),
                // Enough for all writes.
                "UPDATE products SET stock = 2000000000 WHERE id = 1",
            ],
        }
    }

    /// Starts it on this database, and on this Redis if it uses one.
    pub fn start(self, database: &TestDatabase, redis: &Redis, environment: &[(&str, &str)]) -> Service {
        let (database, redis) = (database.url(), redis.url());
        // `orders` has no default for its pool.
        let own =
            [("DATABASE_URL", database.as_str()), ("REDIS_URL", redis.as_str()), ("POOL_MAX_SIZE", "7")];
        Service::start(&self.path(), &[&own, environment].concat())
    }

    /// A request that writes something with `id` in it, once.
    pub fn write(self, id: &str) -> String {
        let (path, body) = match self {
            Self::Feed => ("/posts", format!(r#"{{"userId": 1, "content": "{id}"}}"#)),
            Self::Tasks => ("/tasks", format!(r#"{{"title": "{id}", "userId": 1}}"#)),
            Self::Jobs => ("/jobs", format!(r#"{{"type": "send_email", "payload": {{"id": "{id}"}}}}"#)),
            Self::Orders => ("/orders", r#"{"productId": 1, "quantity": 1}"#.to_owned()),
        };
        // Orders and jobs know a key; the others ignore the header.
        post(path, &format!("Idempotency-Key: {id}\r\n"), &body)
    }

    /// A request that reads from the database.
    pub fn read(self) -> String {
        format!("GET {} HTTP/1.1\r\nHost: torture\r\n\r\n", self.read_path())
    }

    /// A path that is read from the database.
    pub fn read_path(self) -> &'static str {
        match self {
            Self::Feed => "/users/1/posts",
            Self::Tasks => "/users?limit=1",
            Self::Jobs => "/jobs/stats",
            Self::Orders => "/products/1",
        }
    }

    /// The statement that lists the ids of all that [`Self::write`] wrote, each as often as it is stored. An order has no field
    /// for an id, so its idempotency key is listed. An order without a key is listed by its number. No client sent that as an
    /// id, so the ledger counts it as unexpected.
    pub fn stored(self) -> &'static str {
        match self {
            Self::Feed => "SELECT content FROM posts WHERE content LIKE 'feed-%'",
            Self::Tasks => "SELECT title FROM tasks WHERE title LIKE 'tasks-%'",
            Self::Jobs => "SELECT payload->>'id' FROM jobs WHERE payload->>'id' LIKE 'jobs-%'",
            Self::Orders => {
                "SELECT coalesce(key, 'order ' || id) FROM orders
                 LEFT JOIN idempotency_keys ON location = '/orders/' || id WHERE id > 1000"
            }
        }
    }
}

/// The path of a program of this workspace.
///
/// # Panics
/// When it is not built.
pub fn built(name: &str) -> String {
    let own = env::current_exe().expect("this program has a path");
    let path = own.with_file_name(name);
    assert!(path.is_file(), "{} is not built; run: cargo xtask torture", path.display());
    path.to_str().expect("the path of a checkout is text").to_owned()
}

/// `POST path` with a JSON body, as it is sent. Each of `headers` ends with CR LF.
pub fn post(path: &str, headers: &str, body: &str) -> String {
    with_body("POST", path, headers, body)
}
