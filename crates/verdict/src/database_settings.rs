//! Settings of a running PostgreSQL that a promise changes for a moment. In its configuration file, since no connection may
//! change them for another.

use project::database::in_full;
use tokio_postgres::Client;

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
