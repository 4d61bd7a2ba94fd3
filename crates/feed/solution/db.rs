//! How the feed comes by a database connection.

use std::time::Duration;

use shared::{
    database::Database,
    pool::{Connection, Pool},
    problem::Problem,
};

/// Connections all requests share. Each is busy for a fraction of a millisecond at a time, so few serve many; and
/// the lab's PostgreSQL has 20 for everybody.
const POOL_MAX_SIZE: u32 = 10;

/// How long a request waits for its turn.
const POOL_TIMEOUT: Duration = Duration::from_secs(2);

/// The feed's database.
pub struct Db {
    pool: Pool,
}

impl Db {
    /// Makes the one pool there is.
    pub fn new(database: Database) -> Self {
        Self { pool: Pool::new(database, POOL_MAX_SIZE, POOL_TIMEOUT) }
    }

    /// A connection for one request, which goes back to the pool when it is dropped.
    ///
    /// # Errors
    /// 503 when there was no connection in time.
    pub async fn connection(&self) -> Result<Connection, Problem> {
        self.pool.connection().await
    }
}
