//! Every environment variable of this service.

use std::{
    num::{NonZeroU32, NonZeroU64},
    time::Duration,
};

use shared::{
    config::{optional, required, secret},
    database::Database,
    server::ServerConfig,
};

/// How long a request waits for a connection, in milliseconds, by default.
const POOL_TIMEOUT_MS: NonZeroU64 = NonZeroU64::new(2_000).unwrap();

/// The configuration of the shop.
pub struct Config {
    /// `LISTEN_ADDRESS`, `INSTANCE`, `HTTP_WORKERS`, `DRAIN_MS`, `LOG_FORMAT`: the same for every service.
    pub server: ServerConfig,
    /// `DATABASE_URL`: where the products and the orders are.
    pub database: Database,
    /// `POOL_MAX_SIZE`: connections this instance may hold. No default: all instances together must fit into what
    /// the database has, and an instance knows nothing of the others.
    pub pool_max_size: u32,
    /// `POOL_TIMEOUT_MS`: how long a request waits for one of them.
    pub pool_timeout: Duration,
}

impl Config {
    /// Reads the configuration through `get`: the environment in `main`, a map in tests.
    ///
    /// # Errors
    /// Names the variable, what it held (unless that is a secret) and what was expected.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        Ok(Self {
            server: ServerConfig::read(&get, "orders")?,
            database: secret(&get, "DATABASE_URL")?,
            pool_max_size: required::<NonZeroU32>(&get, "POOL_MAX_SIZE")?.get(),
            pool_timeout: Duration::from_millis(optional(&get, "POOL_TIMEOUT_MS", POOL_TIMEOUT_MS)?.get()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> anyhow::Result<Config> {
        let get = |name: &str| {
            let (_, value) = variables.iter().find(|(key, _)| *key == name)?;
            Some((*value).to_owned())
        };
        Config::read(get)
    }

    const ADDRESS: (&str, &str) = ("LISTEN_ADDRESS", "127.0.0.1:0");
    const DATABASE: (&str, &str) = ("DATABASE_URL", "postgres://orders:secret@127.0.0.1:5432/orders");
    const POOL: (&str, &str) = ("POOL_MAX_SIZE", "7");

    #[test]
    fn three_variables_are_enough() {
        let config = read(&[ADDRESS, DATABASE, POOL]).unwrap();
        assert_eq!(config.server.instance, "orders");
        assert_eq!((config.pool_max_size, config.pool_timeout), (7, Duration::from_secs(2)));
    }

    #[test]
    fn an_error_names_the_variable_and_what_it_held() {
        for (variables, message) in [
            (vec![ADDRESS, POOL], "DATABASE_URL is not set"),
            (vec![ADDRESS, DATABASE], "POOL_MAX_SIZE is not set"),
            (
                vec![ADDRESS, DATABASE, ("POOL_MAX_SIZE", "ten")],
                r#"POOL_MAX_SIZE="ten": invalid digit found in string"#,
            ),
            (
                vec![ADDRESS, DATABASE, ("POOL_MAX_SIZE", "0")],
                r#"POOL_MAX_SIZE="0": number would be zero for non-zero type"#,
            ),
            (
                vec![ADDRESS, DATABASE, POOL, ("POOL_TIMEOUT_MS", "1s")],
                r#"POOL_TIMEOUT_MS="1s": invalid digit found in string"#,
            ),
        ] {
            assert_eq!(format!("{:#}", read(&variables).err().unwrap()), message);
        }
    }
}
