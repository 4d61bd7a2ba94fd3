//! What PostgreSQL shows of itself: its CPU, its statements, how many connections it has to give.

use project::database::in_full;
use serde::{Deserialize, Serialize};
use tokio_postgres::Client;

/// Statements that are kept.
const KEPT: i64 = 5;

/// A statement with its constants left out, as `pg_stat_statements` keeps it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Statement {
    /// Its text.
    pub text: String,
    /// How often it ran.
    pub calls: i64,
    /// How long it took on average, waiting for locks and disks included.
    pub mean_ms: f64,
    /// Its share of the time of all statements, 0 to 1.
    pub share: f64,
}

impl Statement {
    /// Its beginning, on one line.
    pub fn short(&self) -> String {
        const WIDTH: usize = 60;
        let line = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(WIDTH) {
            Some((end, _)) => format!("{} …", &line[..end]),
            None => line,
        }
    }
}

/// CPU time of all its processes so far, in seconds; `None` where it has no `/proc` to read.
///
/// PostgreSQL reads its own `/proc`, so that it is the same inside a container. The time of sessions that have ended is
/// with the postmaster, which waited for them.
///
/// Source: proc(5), `/proc/pid/stat`: fields 14 to 17 (utime, stime, cutime, cstime), here counted from the third.
pub async fn cpu_s(client: &Client) -> Option<f64> {
    const QUERY: &str = "
        WITH process AS (
            SELECT pid::text FROM pg_stat_activity WHERE pid <> pg_backend_pid()
            UNION ALL
            SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)
        ), field AS (
            SELECT string_to_array(
                split_part(pg_read_file('/proc/' || pid || '/stat', 0, 1000, true), ') ', 2), ' ') AS of
            FROM process
        )
        SELECT sum(of[12]::bigint + of[13]::bigint + of[14]::bigint + of[15]::bigint)::float8 FROM field";
    let ticks: Option<f64> = client.query_one(QUERY, &[]).await.ok()?.get(0);
    // Linux counts in hundredths of a second for every program, on every machine.
    ticks.map(|ticks| ticks / 100.0)
}

/// Connections that those have who are no superuser.
///
/// # Errors
/// PostgreSQL's error.
pub async fn slots(client: &Client) -> anyhow::Result<usize> {
    // The last one is there since version 16.
    const QUERY: &str = "SELECT current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0)";
    let slots: i32 = client.query_one(QUERY, &[]).await.map_err(in_full)?.get(0);
    Ok(slots.unsigned_abs() as usize)
}

/// Forgets all statements so far; whether they are counted at all.
pub async fn forget_statements(client: &Client) -> bool {
    const COMMANDS: &str =
        "SET client_min_messages = error; CREATE EXTENSION IF NOT EXISTS pg_stat_statements";
    let created = client.batch_execute(COMMANDS).await;
    created.is_ok() && client.query("SELECT pg_stat_statements_reset()", &[]).await.is_ok()
}

/// The statements in `database` since then with the largest total time; empty if they are not counted.
pub async fn statements(client: &Client, database: &str) -> Vec<Statement> {
    const QUERY: &str = "
        SELECT query, calls, mean_exec_time, total_exec_time / sum(total_exec_time) OVER ()
        FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
        WHERE datname = $1 AND total_exec_time > 0 AND userid <> to_regrole('postgres')
        ORDER BY total_exec_time DESC LIMIT $2";
    let rows = client.query(QUERY, &[&database, &KEPT]).await.unwrap_or_default();
    let statement = |row: &tokio_postgres::Row| Statement {
        text: row.get(0),
        calls: row.get(1),
        mean_ms: row.get(2),
        share: row.get(3),
    };
    rows.iter().map(statement).collect()
}
