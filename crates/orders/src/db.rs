//! How the service comes by a database connection.

use std::time::Duration;

use shared::{
    database::Database,
    pool::{Connection, Pool},
    problem::Problem,
};

/// The shop's database.
pub struct Db {
    pool: Pool,
}

impl Db {
    /// Makes the one pool there is, of at most `max_size` connections; a request waits `wait` for one of them.
    pub fn new(database: Database, max_size: u32, wait: Duration) -> Self {
        Self { pool: Pool::new(database, max_size, wait) }
    }

    /// A connection for one request, which goes back to the pool when it is dropped.
    ///
    /// # Errors
    /// 503 when there was no connection in time.
    pub async fn connection(&self) -> Result<Connection, Problem> {
        self.pool.get().await
    }
}
