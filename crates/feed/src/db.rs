//! How this service comes by a connection.

use std::time::Duration;

use shared::{
    pool::{Connection, Database, Pool},
    problem::Problem,
};

use crate::config::Config;

/// The database of this service.
pub struct Db {
    database: Database,
}

impl Db {
    /// Remembers where the database is.
    pub fn open(config: &Config) -> Self {
        Self {
            database: config.database.clone(),
        }
    }

    /// A connection for one request.
    pub async fn connection(&self) -> Result<Connection, Problem> {
        let pool = Pool::new(self.database.clone(), 1, Duration::from_millis(150));
        pool.get().await
    }
}
