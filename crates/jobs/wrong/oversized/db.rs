//! How the jobs come by a database connection.

use std::time::Duration;

use shared::{
    database::Database,
    pool::{Connection, Pool},
    problem::Problem,
};

/// Connections all requests share: more than there will ever be users.
const POOL_MAX_SIZE: u32 = 500;

/// How long a request waits for its turn.
const POOL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may be idle before it is closed: longer than a pause between two bursts.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The jobs' database.
pub struct Db {
    pool: Pool,
}

impl Db {
    /// Makes the one pool there is.
    pub fn new(database: Database) -> Self {
        Self { pool: Pool::with_idle_timeout(database, POOL_MAX_SIZE, POOL_TIMEOUT, POOL_IDLE_TIMEOUT) }
    }

    /// A connection for one request, which goes back to the pool when it is dropped.
    ///
    /// # Errors
    /// 503 when there was no connection in time.
    pub async fn connection(&self) -> Result<Connection, Problem> {
        self.pool.get().await
    }
}
