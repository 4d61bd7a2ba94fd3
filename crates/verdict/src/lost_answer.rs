//! A server that is killed after its write was stored and before it answers.
//!
//! The check tells PostgreSQL to wait, after each commit, until a second machine has a copy of it. There is no second machine:
//! PostgreSQL stores the commit on its own disk as always, and does not answer the server. Then the check kills the server.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use loadgen::Endpoint;
use project::{database::in_full, server_settings};
use tokio::{
    spawn,
    task::{JoinHandle, spawn_blocking},
    time::{Instant, sleep},
};
use tokio_postgres::{Client, NoTls};

/// From now on PostgreSQL answers no commit.
const HOLD: (&str, &str) = ("synchronous_standby_names", "'a_second_machine'");

/// PostgreSQL runs this to its end even when its client, the lab, is killed.
const RELEASE_LATER: &str = "SELECT pg_reload_conf() FROM pg_sleep(15)";

/// Commits that are stored, and whose clients have not heard of it.
const HELD: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'SyncRep'";

/// Longer than a system under no load needs for one request.
const PATIENCE: Duration = Duration::from_secs(10);

/// A balancer sends a request to another server as soon as the connection to the first one breaks.
const SENT_AGAIN: Duration = Duration::from_secs(2);

/// Kills the server that has stored something, and returns its port. Blocks.
pub type Kill = Arc<dyn Fn() -> anyhow::Result<u16> + Send + Sync>;

/// Sends `write` to `target` and kills the server that has stored it. Returns when all that was stored can be seen in
/// `database` and the server is back. `guard` is another connection to the database.
///
/// # Errors
/// When nothing is stored, or the server cannot be killed or does not come back.
pub async fn write(
    database: &Client,
    guard: Client,
    target: String,
    write: Endpoint,
    kill: Kill,
) -> anyhow::Result<()> {
    let end_guard = guard.cancel_token();
    let guarded = spawn(async move { _ = guard.batch_execute(RELEASE_LATER).await });
    let killed = kill_when_stored(database, target, write, kill).await;
    server_settings::restore(database).await?;
    end_guard.cancel_query(NoTls).await.map_err(in_full)?;
    guarded.await?;
    let (port, answer) = killed?;
    answer.await?;
    if !until(PATIENCE, async || Ok(held(database).await? == 0)).await? {
        bail!("PostgreSQL still holds a commit back after {} s", PATIENCE.as_secs());
    }
    if !until(PATIENCE, async || is_ready(port).await).await? {
        bail!("the server on port {port} was killed and is not back after {} s", PATIENCE.as_secs());
    }
    Ok(())
}

/// The port of the server that was killed, and the end of the request, whose answer does not matter: what counts is how often
/// its write was stored. PostgreSQL still holds commits back when this returns.
async fn kill_when_stored(
    database: &Client,
    target: String,
    write: Endpoint,
    kill: Kill,
) -> anyhow::Result<(u16, JoinHandle<()>)> {
    server_settings::change(database, &[HOLD]).await.context("cannot hold a commit back")?;
    server_settings::remove_from_file(database).await?;
    let path = write.path.clone();
    let answer = spawn_blocking(move || _ = loadgen::fetch(&target, &write, PATIENCE));
    until(PATIENCE, async || Ok(answer.is_finished() || held(database).await? > 0)).await?;
    if held(database).await? == 0 {
        bail!("{path} stored nothing");
    }
    let port = spawn_blocking(move || kill()).await??;
    until(SENT_AGAIN, async || Ok(answer.is_finished() || held(database).await? > 1)).await?;
    Ok((port, answer))
}

/// Whether `is_so` within `limit`.
async fn until(limit: Duration, is_so: impl AsyncFn() -> anyhow::Result<bool>) -> anyhow::Result<bool> {
    let due = Instant::now() + limit;
    while Instant::now() < due {
        if is_so().await? {
            return Ok(true);
        }
        sleep(Duration::from_millis(10)).await;
    }
    Ok(false)
}

async fn is_ready(port: u16) -> anyhow::Result<bool> {
    let ask = move || loadgen::fetch(&format!("127.0.0.1:{port}"), &Endpoint::get("/readyz"), PATIENCE);
    Ok(spawn_blocking(ask).await?.is_ok_and(|answer| answer.status == 200))
}

async fn held(database: &Client) -> anyhow::Result<i64> {
    Ok(database.query_one(HELD, &[]).await.map_err(in_full)?.get(0))
}

/// Undoes what a check that was killed has left: PostgreSQL answers commits again, and the other check's guard does not end
/// the hold of this one.
///
/// # Errors
/// PostgreSQL's error.
pub async fn release_what_is_left(database: &Client) -> anyhow::Result<()> {
    let end_guards = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = $1";
    database.query(end_guards, &[&RELEASE_LATER]).await.map_err(in_full)?;
    server_settings::restore(database).await?;
    let is_released = "SELECT current_setting('synchronous_standby_names') = ''";
    until(PATIENCE, async || Ok(database.query_one(is_released, &[]).await.map_err(in_full)?.get(0))).await?;
    Ok(())
}
