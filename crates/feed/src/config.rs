//! Every environment variable of this service.

use shared::{config::secret, database::Database, server::ServerConfig};

/// The configuration of the feed.
pub struct Config {
    /// `LISTEN_ADDRESS`, `INSTANCE`, `HTTP_WORKERS`, `DRAIN_MS`, `LOG_FORMAT`: the same for every service.
    pub server: ServerConfig,
    /// `DATABASE_URL`: where the posts are.
    pub database: Database,
}

impl Config {
    /// Reads the configuration through `get`: the environment in `main`, a map in tests.
    ///
    /// # Errors
    /// Names the variable, what it held (unless that is a secret) and what was expected.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        Ok(Self { server: ServerConfig::read(&get, "feed")?, database: secret(&get, "DATABASE_URL")? })
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
    const DATABASE: (&str, &str) = ("DATABASE_URL", "postgres://feed:secret@127.0.0.1:5432/feed");

    #[test]
    fn two_variables_are_enough() {
        let config = read(&[ADDRESS, DATABASE]).unwrap();
        assert_eq!(config.server.instance, "feed");
    }

    #[test]
    fn an_error_names_the_variable_and_what_it_held() {
        for (variables, message) in [
            (vec![DATABASE], "LISTEN_ADDRESS is not set"),
            (
                vec![("LISTEN_ADDRESS", "3000"), DATABASE],
                r#"LISTEN_ADDRESS="3000": invalid socket address syntax"#,
            ),
            (vec![ADDRESS, DATABASE, ("HTTP_WORKERS", "0")], r#"HTTP_WORKERS="0": expected at least 1"#),
            (vec![ADDRESS, DATABASE, ("DRAIN_MS", "1s")], r#"DRAIN_MS="1s": invalid digit found in string"#),
            (vec![ADDRESS, DATABASE, ("LOG_FORMAT", "xml")], r#"LOG_FORMAT="xml": expected json or pretty"#),
            (
                vec![ADDRESS, ("DATABASE_URL", "postgres://feed:secret@")],
                "DATABASE_URL: expected postgres://user:password@host:port/database",
            ),
        ] {
            assert_eq!(format!("{:#}", read(&variables).err().unwrap()), message);
        }
    }
}
