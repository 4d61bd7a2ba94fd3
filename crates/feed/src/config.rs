//! Every environment variable of this service.

use std::net::SocketAddr;

use shared::{
    config::{optional, required, secret},
    pool::Database,
};

/// What this service is told at its start.
pub struct Config {
    /// Where it listens; port 0 is any free port.
    pub listen_address: SocketAddr,
    /// The database it uses.
    pub database: Database,
    /// Threads that serve requests.
    pub http_workers: usize,
}

impl Config {
    /// Reads the configuration through `get`: the environment in `main`, a map in tests.
    ///
    /// # Errors
    /// Names the variable, what it held and what was expected.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        Ok(Self {
            listen_address: required(&get, "LISTEN_ADDRESS")?,
            database: secret(&get, "DATABASE_URL")?,
            http_workers: optional(&get, "HTTP_WORKERS", 1)?,
        })
    }
}
