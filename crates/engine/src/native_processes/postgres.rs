//! `image: postgres:…` is a cluster of our own under the PostgreSQL of this machine.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    time::Duration,
};

use anyhow::Context;
use compose::service_spec::Postgres;
use pgcluster::{Cluster, Installation};
use project::{Scenario, database::connect};
use tokio::sync::mpsc::UnboundedSender;

use crate::{data_dir, database, native_processes::until_it_answers};

/// PostgreSQL may have to recover from a crash before it answers; in a container it makes its cluster first.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// The command that serves the cluster of the service `name`; creates the cluster first when there is none.
///
/// # Errors
/// When PostgreSQL is missing, or the cluster cannot be created.
pub fn command(
    scenario: &Scenario,
    name: &str,
    port: u16,
    postgres: &Postgres,
    superuser_password: &str,
) -> anyhow::Result<Command> {
    let dir = data_dir::of(scenario, name)?;
    let installation = Installation::find()?;
    // Without it less is seen, and with one that is not there PostgreSQL would not start.
    let can_load = |setting: &&String| {
        setting.strip_prefix("shared_preload_libraries=").is_none_or(|name| installation.has_library(name))
    };
    let settings: Vec<_> = postgres.settings.iter().filter(can_load).collect();
    let cluster = Cluster::open_or_create(installation.clone(), &dir, superuser_password)?;
    remove_stale_lock(&dir)?;
    Ok(cluster.server(port, settings))
}

/// Waits until it takes connections, then brings the data in place; what the scripts tell meanwhile goes to `news`.
///
/// # Errors
/// When it ends or stays silent, or when a script fails.
pub async fn ready(
    child: &mut Child,
    port: u16,
    postgres: &Postgres,
    superuser_password: &str,
    news: UnboundedSender<String>,
) -> anyhow::Result<String> {
    let ask = async || {
        let connected = connect(port, "postgres", superuser_password, "postgres").await;
        connected.context("PostgreSQL does not answer")
    };
    until_it_answers(child, READY_WITHIN, ask).await?;
    database::prepare(postgres, port, superuser_password, news).await?;
    Ok(format!("database {}", postgres.database))
}

/// After a crash PostgreSQL's lock file stays, with a process id in it. When another program has that id by now,
/// PostgreSQL takes it for itself and refuses to start.
fn remove_stale_lock(dir: &Path) -> anyhow::Result<()> {
    let lock = dir.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&lock) else {
        return Ok(());
    };
    let pid = text.lines().next().unwrap_or_default();
    let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let is_another_program = !command.is_empty() && !command.contains(&*dir.to_string_lossy());
    if is_another_program {
        fs::remove_file(&lock).with_context(|| format!("cannot remove {}", lock.display()))?;
    }
    Ok(())
}
