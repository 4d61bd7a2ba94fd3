//! How the feed comes by a database connection.

use std::time::Duration;

use shared::{
    database::Database,
    pool::{Connection, Pool},
    problem::Problem,
};

/// Connections a pool may hold. A request needs one.
const POOL_MAX_SIZE: u32 = 1;

/// How long a request waits for its connection.
const POOL_TIMEOUT: Duration = Duration::from_millis(150);

/// The feed's database.
pub struct Db {
    database: Database,
}

impl Db {
    /// Remembers where the database is.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// A connection for one request. Each request makes a pool of its own, so that no two get in each other's way;
    /// the pool goes when its connection is dropped.
    ///
    /// # Errors
    /// 503 when there was no connection in time.
    pub async fn connection(&self) -> Result<Connection, Problem> {
        let pool = Pool::new(self.database.clone(), POOL_MAX_SIZE, POOL_TIMEOUT);
        pool.connection().await
    }
}
