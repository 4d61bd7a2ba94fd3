//! How this service comes by a connection.

use std::time::Duration;

use shared::{
    pool::{Connection, Pool},
    problem::Problem,
};

use crate::config::Config;

/// The database of this service.
pub struct Db {
    pool: Pool,
}

impl Db {
    /// Makes the pool that all requests share.
    pub fn open(config: &Config) -> Self {
        Self {
            pool: Pool::new(config.database.clone(), 10, Duration::from_secs(2)),
        }
    }

    /// A connection for one request.
    pub async fn connection(&self) -> Result<Connection, Problem> {
        self.pool.get().await
    }
}
