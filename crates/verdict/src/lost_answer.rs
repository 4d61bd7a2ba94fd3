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

use crate::database_settings::{HEARD, configure};

/// PostgreSQL stores a commit, and acknowledges it only when a standby of this name has it, too. There is none.
const ACKNOWLEDGE_NOTHING: &str = "ALTER SYSTEM SET synchronous_standby_names = 'lab_lost_answer'";
/// Takes that back.
pub const AS_BEFORE: [&str; 1] = ["ALTER SYSTEM RESET synchronous_standby_names"];

/// Whether a commit is stored, and waits to be acknowledged.
const IS_STORED: &str = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep')";

/// Whether a second server has got the request, and waits for such a commit or for a row that the first has changed.
const IS_REPEATED: &str =
    "SELECT count(*) > 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep' OR wait_event_type = 'Lock'";

/// A write that takes longer has not come to its commit: there is no answer to lose.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends `write` to `target`, once, and kills one server after the other while PostgreSQL has stored it and has not said so:
/// until the request has ended, or has reached another server. That one must live, or its order would be lost as well.
/// `kill` kills the server of that number; `false` if there is none.
///
/// # Errors
/// PostgreSQL's, and those of `kill`.
pub async fn lose(
    database: &Client,
    target: String,
    write: Endpoint,
    kill: impl AsyncFn(usize) -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    configure(database, &[ACKNOWLEDGE_NOTHING]).await?;
    sleep(HEARD).await;
    let is = async |question| anyhow::Ok(database.query_one(question, &[]).await.map_err(in_full)?.get(0));
    let writing = spawn_blocking(move || loadgen::fetch(&target, &write, 2 * PATIENCE));
    let killed = async {
        let due = Instant::now() + PATIENCE;
        while !is(IS_STORED).await? {
            if writing.is_finished() || Instant::now() > due {
                return Ok(());
            }
            sleep(Duration::from_millis(20)).await;
        }
        let mut server = 0;
        while !writing.is_finished() && !is(IS_REPEATED).await? && kill(server).await? {
            server += 1;
        }
        anyhow::Ok(())
    }
    .await;
    configure(database, &AS_BEFORE).await?;
    // What is stored shows when PostgreSQL has heard of it.
    while is(IS_STORED).await? {
        sleep(Duration::from_millis(20)).await;
    }
    let _ = writing.await.context("the request was not sent")?;
    killed
}
