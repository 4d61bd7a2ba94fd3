//! A crash of PostgreSQL. One of its processes is killed, as the kernel does when memory runs out; PostgreSQL then ends
//! all of them, forgets what is not on its disk, and starts again from there.

use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use project::{database::in_full, server_settings};
use tokio::time::{sleep, timeout};
use tokio_postgres::Client;

/// Longer than any disk should need.
const PATIENCE: Duration = Duration::from_secs(30);

/// PostgreSQL writes data that no commit waited for every 200 ms, and earlier when its memory is full. These settings make
/// it write less often or not at all, so that a crash really loses such data.
const BE_SLOW: [(&str, &str); 2] = [("wal_writer_delay", "'10s'"), ("bgwriter_lru_maxpages", "0")];

/// Since when there is a process that PostgreSQL has only one of: a crash replaces it.
const STARTED: &str = "SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer'";

/// Makes PostgreSQL write only what a commit waits for, until it has crashed.
///
/// # Errors
/// PostgreSQL's error.
pub async fn prepare(database: &Client) -> anyhow::Result<()> {
    server_settings::change(database, &BE_SLOW).await
}

/// Crashes the server of `database`, and returns another connection, from `connect`, once it is back. That takes a
/// second, or several on a busy disk: PostgreSQL first makes sure of each of its files.
///
/// # Errors
/// When it does not crash, or is not back in time.
pub async fn crash(
    database: &Client,
    connect: impl AsyncFn() -> anyhow::Result<Client>,
) -> anyhow::Result<Client> {
    let before = started(database).await?;
    // The shell's parent is the process that serves this connection. A killed process sends no answer.
    let answer = database.batch_execute("COPY (SELECT 1) TO PROGRAM 'kill -KILL $PPID'").await;
    ensure!(
        answer.is_err_and(|error| error.as_db_error().is_none()),
        "cannot crash PostgreSQL to test what survives"
    );
    let back = async {
        loop {
            if let Ok(client) = connect().await
                && started(&client).await.is_ok_and(|now| now != before)
            {
                return client;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let client = timeout(PATIENCE, back).await.context("PostgreSQL did not recover after a crash")?;
    server_settings::restore(&client).await?;
    Ok(client)
}

async fn started(client: &Client) -> anyhow::Result<SystemTime> {
    Ok(client.query_one(STARTED, &[]).await.map_err(in_full)?.get(0))
}
