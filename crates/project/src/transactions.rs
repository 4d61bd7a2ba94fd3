//! Transactions that stay open. One can hold locks that others wait for, and a reset of the data ends it.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};
use tokio_postgres::Client;

use crate::database::in_full;

/// From this age on, in seconds, a transaction is worth a word: a request of a service takes at most 6 s in all.
pub const OLD_S: f64 = 5.0;

/// A transaction that is open.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct OpenTransaction {
    /// PostgreSQL's process.
    pub pid: i32,
    /// How long it has been open, in seconds.
    pub age_s: f64,
    /// The role.
    pub user: String,
    /// What the client calls itself, `psql` for example; empty if it does not say.
    pub application: String,
    /// `active`, or `idle in transaction`.
    pub state: String,
    /// The beginning of its last statement, on one line.
    pub statement: String,
}

impl Display for OpenTransaction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { age_s, user, application, state, statement, .. } = self;
        let client = if application.is_empty() { "a client without a name" } else { application };
        write!(
            f,
            "a transaction of the user {user} ({client}), open for {age_s:.0} s, {state}, last statement: {statement}"
        )
    }
}

/// The transactions in `database` that have been open for `age_s` seconds or longer, the oldest first. The lab's own
/// have its name.
///
/// # Errors
/// PostgreSQL's error.
pub async fn open_for(client: &Client, database: &str, age_s: f64) -> anyhow::Result<Vec<OpenTransaction>> {
    const QUERY: &str = r"
        SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::float8, usename::text, application_name,
            state, btrim(regexp_replace(left(query, 100), '\s+', ' ', 'g'))
        FROM pg_stat_activity
        WHERE datname = $1 AND backend_type = 'client backend' AND application_name <> 'lab' AND state IS NOT NULL
            AND clock_timestamp() - xact_start >= make_interval(secs => $2)
        ORDER BY xact_start";
    let rows = client.query(QUERY, &[&database, &age_s]).await.map_err(in_full)?;
    let transaction = |row: &tokio_postgres::Row| OpenTransaction {
        pid: row.get(0),
        age_s: row.get(1),
        user: row.get(2),
        application: row.get(3),
        state: row.get(4),
        statement: row.get(5),
    };
    Ok(rows.iter().map(transaction).collect())
}
