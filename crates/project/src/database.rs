//! Connections to the PostgreSQL of a scenario, and queries.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt::{self, Display, Formatter},
    future::poll_fn,
    time::Duration,
};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, error::SqlState, types::Type};

/// A connection to `database` on 127.0.0.1.
///
/// # Errors
/// PostgreSQL's error.
pub async fn connect(port: u16, user: &str, password: &str, database: &str) -> anyhow::Result<Client> {
    let (no_notices, _) = unbounded_channel();
    connect_and_listen(port, user, password, database, no_notices).await
}

/// The same; the server's notices (`RAISE NOTICE`) go to `news`.
///
/// # Errors
/// PostgreSQL's error.
pub async fn connect_and_listen(
    port: u16,
    user: &str,
    password: &str,
    database: &str,
    news: UnboundedSender<String>,
) -> anyhow::Result<Client> {
    let (client, mut connection) = Config::new()
        .host("127.0.0.1")
        .port(port)
        .user(user)
        .password(password)
        .dbname(database)
        .application_name("lab")
        .connect_timeout(Duration::from_secs(2))
        .connect(NoTls)
        .await
        .map_err(in_full)?;
    // Ends when the client is dropped; its errors reach the client as well.
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notice(notice) = message {
                // Usually there is no receiver.
                let _ = news.send(notice.message().to_owned());
            }
        }
    });
    Ok(client)
}

/// Counts the rows of all tables of the database that `client` is connected to.
///
/// # Errors
/// PostgreSQL's error.
pub async fn rows(client: &Client) -> anyhow::Result<BTreeMap<String, i64>> {
    let names =
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'seed_marker'";
    let mut rows = BTreeMap::new();
    for table in client.query(names, &[]).await.map_err(in_full)? {
        let table: String = table.get(0);
        let quoted = client.query_one("SELECT format('SELECT count(*) FROM %I', $1::text)", &[&table]).await;
        let count: String = quoted.map_err(in_full)?.get(0);
        rows.insert(table, client.query_one(&count, &[]).await.map_err(in_full)?.get(0));
    }
    Ok(rows)
}

/// The rows of each table that the database was seeded with, as `seed_marker` counts them.
///
/// # Errors
/// PostgreSQL's error.
pub async fn seeded(client: &Client) -> anyhow::Result<BTreeMap<String, i64>> {
    let marker = client.query_one("SELECT * FROM seed_marker", &[]).await.map_err(in_full)?;
    let counts = marker.columns().iter().enumerate().filter(|(_, column)| *column.type_() == Type::INT8);
    Ok(counts.map(|(index, column)| (column.name().to_owned(), marker.get(index))).collect())
}

/// PostgreSQL's own error message.
#[derive(Debug)]
struct ServerError {
    words: String,
    code: SqlState,
}

impl Display for ServerError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl Error for ServerError {}

/// tokio-postgres prints only "db error", with the server's message one level down.
pub fn in_full(error: tokio_postgres::Error) -> anyhow::Error {
    match error.as_db_error() {
        Some(db) => {
            ServerError { words: format!("{}: {}", db.severity(), db.message()), code: db.code().clone() }
                .into()
        }
        None => error.into(),
    }
}

/// Whether the server works, and the database or its data are being created or reset.
pub fn is_being_made(error: &anyhow::Error) -> bool {
    let codes = [
        SqlState::INVALID_CATALOG_NAME,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
    ];
    error.downcast_ref::<ServerError>().is_some_and(|error| codes.contains(&error.code))
}

/// Whether the server works, but has no free connections.
pub fn is_full(error: &anyhow::Error) -> bool {
    error.downcast_ref::<ServerError>().is_some_and(|error| error.code == SqlState::TOO_MANY_CONNECTIONS)
}
