//! Settings of PostgreSQL that `lab check` changes for a moment. They are in its configuration file, since no connection may
//! change them for another; a check that is killed in that moment leaves them there.

use std::time::Duration;

use tokio::time::sleep;
use tokio_postgres::Client;

use crate::database::in_full;

/// All settings that a check changes.
const CHANGED_BY_A_CHECK: [&str; 3] =
    ["wal_writer_delay", "bgwriter_lru_maxpages", "synchronous_standby_names"];

/// When all processes of PostgreSQL have read its configuration again. The slowest looks every 200 ms, and may be in the
/// middle of them: twice as long.
const READ_BY_ALL: Duration = Duration::from_millis(400);

/// Sets each of `settings` to its value, as SQL writes it, and returns when all of PostgreSQL's processes go by it. `client`
/// is the superuser's.
///
/// # Errors
/// PostgreSQL's error.
pub async fn change(client: &Client, settings: &[(&str, &str)]) -> anyhow::Result<()> {
    // Each on its own: ALTER SYSTEM takes part in no transaction, not even in that of a batch.
    for (setting, value) in settings {
        client.batch_execute(&format!("ALTER SYSTEM SET {setting} = {value}")).await.map_err(in_full)?;
    }
    reload(client).await?;
    sleep(READ_BY_ALL).await;
    Ok(())
}

/// Gives all settings that a check changes the values that the server was started with. Its processes go by them a moment
/// later. `client` is the superuser's.
///
/// # Errors
/// PostgreSQL's error.
pub async fn restore(client: &Client) -> anyhow::Result<()> {
    remove_from_file(client).await?;
    reload(client).await
}

/// Removes the changed settings from PostgreSQL's file only. The running server keeps the changed values until it
/// next reads that file.
///
/// # Errors
/// PostgreSQL's error.
pub async fn remove_from_file(client: &Client) -> anyhow::Result<()> {
    for setting in CHANGED_BY_A_CHECK {
        client.batch_execute(&format!("ALTER SYSTEM RESET {setting}")).await.map_err(in_full)?;
    }
    Ok(())
}

async fn reload(client: &Client) -> anyhow::Result<()> {
    client.batch_execute("SELECT pg_reload_conf()").await.map_err(in_full)
}
