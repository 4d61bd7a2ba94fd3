//! Where the database is, and one connection to it.

use std::{error::Error, fmt, str::FromStr, time::Duration};

use anyhow::{Context, ensure};
use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use tokio::time::timeout;
use tokio_postgres::{NoTls, error::SqlState};

/// How long one attempt to connect may take, password check included. A machine that is gone does not refuse: it
/// says nothing.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Shorter than the 6 s a request has, so that PostgreSQL stops working on a query whose request has ended.
const OPTIONS: &str = "-c statement_timeout=4s";

/// By this name, PostgreSQL and the lab tell a service's connections from those of `psql` and others.
const NAME: &str = "service";

/// The address of a database and who asks, from `postgres://user:password@host:port/database`.
#[derive(Clone)]
pub struct Database(tokio_postgres::Config);

impl FromStr for Database {
    type Err = anyhow::Error;

    fn from_str(url: &str) -> anyhow::Result<Self> {
        const SHAPE: &str = "expected postgres://user:password@host:port/database";
        // The parser's own words could quote the password.
        let mut config: tokio_postgres::Config = url.parse().ok().context(SHAPE)?;
        ensure!(
            !config.get_hosts().is_empty() && config.get_user().is_some() && config.get_dbname().is_some(),
            SHAPE
        );
        // Last, and so stronger, what the address itself asks for.
        let theirs = config.get_options().unwrap_or_default();
        let options = format!("{OPTIONS} {theirs}");
        config.options(options).application_name(NAME);
        Ok(Self(config))
    }
}

impl Database {
    /// Opens a connection. It is closed when it is dropped.
    ///
    /// # Errors
    /// Says which of the three ways it failed.
    pub async fn connect(&self) -> Result<AsyncPgConnection, ConnectError> {
        let connecting = async {
            let (client, connection) = self.0.connect(NoTls).await.map_err(ConnectError::Refused)?;
            // Carries the bytes until the client is dropped, and lives on the thread that asked.
            tokio::spawn(connection);
            AsyncPgConnection::try_from(client).await.map_err(ConnectError::Setup)
        };
        timeout(CONNECT_TIMEOUT, connecting).await.unwrap_or(Err(ConnectError::Silent))
    }
}

/// Why there is no connection.
#[derive(Debug)]
pub enum ConnectError {
    /// The server refused, or there is none at that address.
    Refused(tokio_postgres::Error),
    /// It let us in and then did not accept the session's settings.
    Setup(ConnectionError),
    /// No answer within a second.
    Silent,
    /// It was open, and the server closed it.
    Closed,
}

impl ConnectError {
    /// Whether the server is well, and has given all the connections it has to others.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Refused(error) if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS))
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // "db error" and "error connecting to server", it says; what happened is in its source.
            Self::Refused(error) => match error.source() {
                Some(source) => write!(f, "{source}"),
                None => write!(f, "{error}"),
            },
            Self::Setup(error) => write!(f, "{error}"),
            Self::Silent => write!(f, "no answer within {} s", CONNECT_TIMEOUT.as_secs()),
            Self::Closed => write!(f, "the server closed it"),
        }
    }
}

impl Error for ConnectError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_a_host_a_user_and_a_database() {
        assert!("postgres://feed:secret@127.0.0.1:5432/feed".parse::<Database>().is_ok());
        for url in [
            "",
            "127.0.0.1:5432",
            "postgres://feed:secret@127.0.0.1",
            "postgres://127.0.0.1/feed",
            "mysql://a@b/c",
        ] {
            assert!(url.parse::<Database>().is_err(), "{url}");
        }
    }

    #[test]
    fn a_wrong_address_does_not_show_its_password() {
        let error = "postgres://feed:secret@127.0.0.1:port/feed".parse::<Database>().err().unwrap();
        assert!(!format!("{error:#}").contains("secret"));
    }
}
