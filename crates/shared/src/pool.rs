//! Connections to PostgreSQL, and a pool of them.

use std::{
    error::Error,
    fmt,
    ops::{Deref, DerefMut},
    str::FromStr,
    time::Duration,
};

use anyhow::{Context, ensure};
use bb8::ManageConnection;
use diesel_async::{AsyncPgConnection, pooled_connection::PoolableConnection};
use tokio::time::timeout;
use tokio_postgres::NoTls;

use crate::problem::Problem;

/// How long one attempt to connect may take, password check included. A machine that is gone does not refuse:
/// it says nothing.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Where the database is and who asks, from `postgres://user:password@host:port/database`.
#[derive(Clone)]
pub struct Database(tokio_postgres::Config);

impl FromStr for Database {
    type Err = anyhow::Error;

    fn from_str(url: &str) -> anyhow::Result<Self> {
        let mut config: tokio_postgres::Config = url
            .parse()
            .context("expected postgres://user:password@host:port/database")?;
        ensure!(
            !config.get_hosts().is_empty() && config.get_user().is_some() && config.get_dbname().is_some(),
            "expected postgres://user:password@host:port/database"
        );
        // Inside the 6 s a handler has, so that PostgreSQL stops working on what nobody waits for any more.
        config.options("-c statement_timeout=4s");
        Ok(Self(config))
    }
}

/// A pool of connections that are opened when they are first needed.
#[derive(Clone)]
pub struct Pool {
    connections: bb8::Pool<Database>,
    wait: Duration,
}

impl Pool {
    /// Makes an empty pool; opens nothing yet.
    pub fn new(database: Database, max_size: u32, wait: Duration) -> Self {
        let connections = bb8::Pool::builder()
            .max_size(max_size)
            .connection_timeout(wait)
            .max_lifetime(None)
            .idle_timeout(None)
            .build_unchecked(database);
        Self { connections, wait }
    }

    /// A connection of one's own until it is dropped, which gives it back.
    ///
    /// # Errors
    /// 503 `pool-timeout` when none came free in time.
    pub async fn get(&self) -> Result<Connection, Problem> {
        match self.connections.get_owned().await {
            Ok(conn) => Ok(Connection(conn)),
            Err(_) => Err(Problem::pool_timeout(self.wait)),
        }
    }
}

/// A connection on loan from a [`Pool`]. Use it like `&mut AsyncPgConnection`.
pub struct Connection(bb8::PooledConnection<'static, Database>);

impl Deref for Connection {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        &self.0
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        &mut self.0
    }
}

impl ManageConnection for Database {
    type Connection = AsyncPgConnection;
    type Error = ConnectError;

    async fn connect(&self) -> Result<AsyncPgConnection, ConnectError> {
        let connecting = async {
            let (client, connection) = self.0.connect(NoTls).await?;
            // Carries the bytes. It ends, and closes the socket, when the client is dropped.
            tokio::spawn(connection);
            anyhow::Ok(AsyncPgConnection::try_from(client).await?)
        };
        let result = timeout(CONNECT_TIMEOUT, connecting).await;
        result
            .map_err(anyhow::Error::from)
            .flatten()
            .map_err(ConnectError)
    }

    async fn is_valid(&self, conn: &mut AsyncPgConnection) -> Result<(), ConnectError> {
        ensure_open(conn)
    }

    fn has_broken(&self, conn: &mut AsyncPgConnection) -> bool {
        conn.is_broken()
    }
}

fn ensure_open(conn: &mut AsyncPgConnection) -> Result<(), ConnectError> {
    if conn.is_broken() {
        return Err(ConnectError(anyhow::anyhow!("the connection was closed")));
    }
    Ok(())
}

/// Why there is no connection.
#[derive(Debug)]
pub struct ConnectError(anyhow::Error);

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl Error for ConnectError {}
