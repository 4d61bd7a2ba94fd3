//! Every environment variable of this service.

use std::time::Duration;

use anyhow::ensure;
use shared::{
    config::{optional, secret},
    database::Database,
    server::ServerConfig,
};

/// The configuration of the jobs.
pub struct Config {
    /// `LISTEN_ADDRESS`, `INSTANCE`, `HTTP_WORKERS`, `DRAIN_MS`, `LOG_FORMAT`: the same for every service.
    pub server: ServerConfig,
    /// `DATABASE_URL`: where the jobs are.
    pub database: Database,
    /// `LEASE_MS` (30,000).
    pub lease: Lease,
}

/// How long a claim holds. A worker that needs longer extends it; one that crashed loses the job after this time.
#[derive(Clone, Copy)]
pub struct Lease(pub Duration);

impl Config {
    /// Reads the configuration through `get`: the environment in `main`, a map in tests.
    ///
    /// # Errors
    /// Names the variable, what it held (unless that is a secret) and what was expected.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let lease_ms: u32 = optional(&get, "LEASE_MS", 30_000)?;
        ensure!(lease_ms > 0, "LEASE_MS=\"0\": expected at least 1");
        Ok(Self {
            server: ServerConfig::read(&get, "jobs")?,
            database: secret(&get, "DATABASE_URL")?,
            lease: Lease(Duration::from_millis(lease_ms.into())),
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
    const DATABASE: (&str, &str) = ("DATABASE_URL", "postgres://jobs:secret@127.0.0.1:5432/jobs");

    #[test]
    fn two_variables_are_enough() {
        let config = read(&[ADDRESS, DATABASE]).unwrap();
        assert_eq!(config.server.instance, "jobs");
        assert_eq!(config.lease.0, Duration::from_secs(30));
    }

    #[test]
    fn an_error_names_the_variable_and_what_it_held() {
        for (lease, message) in [
            ("0", r#"LEASE_MS="0": expected at least 1"#),
            ("30s", r#"LEASE_MS="30s": invalid digit found in string"#),
            ("4294967296", r#"LEASE_MS="4294967296": number too large to fit in target type"#),
        ] {
            let error = read(&[ADDRESS, DATABASE, ("LEASE_MS", lease)]).err().unwrap();
            assert_eq!(format!("{error:#}"), message);
        }
        assert_eq!(format!("{:#}", read(&[ADDRESS]).err().unwrap()), "DATABASE_URL is not set");
    }
}
