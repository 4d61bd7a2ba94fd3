//! Every environment variable of this service.

use shared::{config::secret, database::Database, server::ServerConfig};

use crate::redis::RedisAddress;

/// The configuration of the Task API.
pub struct Config {
    /// `LISTEN_ADDRESS`, `INSTANCE`, `HTTP_WORKERS`, `DRAIN_MS`, `LOG_FORMAT`: the same for every service.
    pub server: ServerConfig,
    /// `DATABASE_URL`: where the tasks are.
    pub database: Database,
    /// `REDIS_URL`: where a cache can be that all instances share.
    pub redis: RedisAddress,
}

impl Config {
    /// Reads the configuration through `get`: the environment in `main`, a map in tests.
    ///
    /// # Errors
    /// Names the variable, what it held (unless that is a secret) and what was expected.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        Ok(Self {
            server: ServerConfig::read(&get, "tasks")?,
            database: secret(&get, "DATABASE_URL")?,
            redis: secret(&get, "REDIS_URL")?,
        })
    }
}
