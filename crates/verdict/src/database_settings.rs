//! Settings of a running PostgreSQL that a promise changes for a moment. In its configuration file, since no connection may
//! change them for another.

use std::time::Duration;

use project::database::in_full;
use tokio_postgres::Client;

/// As long as PostgreSQL takes to look at its configuration again, twice: its process for this may be in the middle of its
/// 200 ms.
pub const HEARD: Duration = Duration::from_millis(400);

/// Runs `commands`, which are `ALTER SYSTEM`s, and makes PostgreSQL read its configuration again.
///
/// # Errors
/// PostgreSQL's error.
pub async fn configure(database: &Client, commands: &[&str]) -> anyhow::Result<()> {
    // Each on its own: ALTER SYSTEM takes part in no transaction, not even in that of a batch.
    for command in commands.iter().chain(&["SELECT pg_reload_conf()"]) {
        database.batch_execute(command).await.map_err(in_full)?;
    }
    Ok(())
}
