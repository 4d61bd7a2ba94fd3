//! An answer that is lost: PostgreSQL has stored a write, and the server that asked for it is killed before it learns that.

use std::time::Duration;

use anyhow::Context;
use loadgen::Endpoint;
use project::database::in_full;
use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep},
};
use tokio_postgres::Client;

use crate::database_settings::configure;

/// PostgreSQL stores a commit, and acknowledges it only when a standby of this name has it, too. There is none.
const ACKNOWLEDGE_NOTHING: &str = "ALTER SYSTEM SET synchronous_standby_names = 'lab_lost_answer'";
/// Takes that back.
pub const AS_BEFORE: [&str; 1] = ["ALTER SYSTEM RESET synchronous_standby_names"];

/// Whether a commit is stored, and waits to be acknowledged.
const IS_STORED: &str = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep')";

/// A write that takes longer has not come to its commit: there is no answer to lose.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends `write` to `target`, once, and lets `kill_servers` kill every server while PostgreSQL has stored it and has not said
/// so. What becomes of the request is of no interest here.
///
/// # Errors
/// PostgreSQL's, and those of `kill_servers`.
pub async fn lose(
    database: &Client,
    target: String,
    write: Endpoint,
    kill_servers: impl AsyncFn() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    configure(database, &[ACKNOWLEDGE_NOTHING]).await?;
    let is_stored = async || anyhow::Ok(database.query_one(IS_STORED, &[]).await.map_err(in_full)?.get(0));
    let writing = spawn_blocking(move || loadgen::fetch(&target, &write, 2 * PATIENCE));
    let killed = async {
        let due = Instant::now() + PATIENCE;
        while !writing.is_finished() && Instant::now() < due {
            if is_stored().await? {
                return kill_servers().await;
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
    .await;
    configure(database, &AS_BEFORE).await?;
    // What is stored shows when PostgreSQL has heard of it.
    while is_stored().await? {
        sleep(Duration::from_millis(20)).await;
    }
    let _ = writing.await.context("the request was not sent")?;
    killed
}
