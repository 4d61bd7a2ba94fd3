//! The data of a scenario: seeded once, kept as a template, cloned whenever it is needed afresh.

use std::{fmt::Write as _, fs};

use anyhow::{Context, ensure};
use compose::service_spec::Postgres;
use project::{
    database::{connect, connect_and_listen, in_full},
    server_settings, transactions,
};
use tokio::sync::mpsc::UnboundedSender;
use tokio_postgres::Client;

/// Creates role, template and database, as far as they are missing.
/// Seeding a template takes as long as its SQL does; a clone of 500,000 rows takes 0.25 s.
///
/// What the scripts tell while they run goes to `news`.
///
/// A database that was made from other scripts or settings is kept under another name, and comes back with them.
///
/// # Errors
/// PostgreSQL's error, with the step that failed.
pub async fn prepare(
    postgres: &Postgres,
    port: u16,
    superuser_password: &str,
    news: UnboundedSender<String>,
) -> anyhow::Result<()> {
    let Postgres { user, password, database, template, .. } = postgres;
    let admin = admin(port, superuser_password).await?;
    server_settings::restore(&admin).await?;
    let verb = if has_role(&admin, user).await? { "ALTER" } else { "CREATE" };
    run(&admin, &format!("{verb} ROLE %I LOGIN PASSWORD %L"), &[user, password]).await?;

    if !has_database(&admin, template).await? {
        // There may be no receiver.
        let _ = news.send("creating the tables and the rows of the lesson".to_owned());
        seed(&admin, postgres, port, superuser_password, news).await?;
    }
    let origin = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1";
    if let Some(row) = admin.query_opt(origin, &[database]).await? {
        let origin: String = row.get::<_, Option<_>>(0).unwrap_or_default();
        if origin == *template {
            // In case the last renaming was interrupted.
            return run(&admin, "ALTER DATABASE %I WITH ALLOW_CONNECTIONS true", &[database]).await;
        }
        rename(&admin, database, &format!("{database}_{origin}")).await?;
    }
    let kept = format!("{database}_{template}");
    if !has_database(&admin, &kept).await? {
        clone(&admin, postgres, &kept).await?;
    }
    rename(&admin, &kept, database).await
}

/// The role that can read everything of the service and the server's statistics, and change nothing.
pub const READER: &str = "reader";

/// Creates the role [`READER`] with `password`, as far as it is missing.
///
/// # Errors
/// PostgreSQL's error, with the step that failed.
pub async fn prepare_reader(port: u16, superuser_password: &str, password: &str) -> anyhow::Result<()> {
    let admin = admin(port, superuser_password).await?;
    if !has_role(&admin, READER).await? {
        run(&admin, "CREATE ROLE %I LOGIN PASSWORD %L", &[READER, password]).await?;
    }
    run(&admin, "GRANT pg_read_all_data, pg_read_all_stats TO %I", &[READER]).await
}

/// Clones the template again in place of the database: the data and indexes of the start. A transaction that it ends is
/// named on standard error.
///
/// # Errors
/// PostgreSQL's error, with the step that failed. The old database is dropped only when the new one is complete.
pub async fn reset(postgres: &Postgres, port: u16, superuser_password: &str) -> anyhow::Result<()> {
    let admin = connect(port, "postgres", superuser_password, "postgres").await?;
    clone(&admin, postgres, "fresh").await?;
    for transaction in transactions::open_for(&admin, &postgres.database, 1.0).await? {
        eprintln!("lab: the reset of the data ends {transaction}");
    }
    run(&admin, "DROP DATABASE IF EXISTS %I WITH (FORCE)", &[&postgres.database]).await?;
    rename(&admin, "fresh", &postgres.database).await
}

/// For statements that hold a password: one that fails would be logged.
async fn admin(port: u16, superuser_password: &str) -> anyhow::Result<Client> {
    let admin = connect(port, "postgres", superuser_password, "postgres").await?;
    admin.batch_execute("SET log_min_error_statement = panic").await.map_err(in_full)?;
    Ok(admin)
}

/// Fills a scratch database and makes it the template in one step, when it is whole.
async fn seed(
    admin: &Client,
    postgres: &Postgres,
    port: u16,
    superuser_password: &str,
    news: UnboundedSender<String>,
) -> anyhow::Result<()> {
    let Postgres { user, password, scripts, .. } = postgres;
    run(admin, "DROP DATABASE IF EXISTS %I WITH (FORCE)", &["seeding"]).await?;
    run(admin, "CREATE DATABASE %I OWNER %I", &["seeding", user]).await?;
    let owner = connect_and_listen(port, user, password, "seeding", news).await?;
    for script in scripts {
        let sql = fs::read_to_string(script).with_context(|| format!("cannot read {}", script.display()))?;
        // A batch without transaction commands is one transaction.
        owner.batch_execute(&sql).await.map_err(in_full).with_context(|| script.display().to_string())?;
    }
    let marker = owner.query("SELECT FROM seed_marker", &[]).await.map_err(in_full);
    ensure!(marker?.len() == 1, "the seed script did not write its one row to seed_marker");
    // Once and here, so that autovacuum does not do it during a measurement. By the superuser: the
    // owner would be warned of every table of the system.
    let superuser = connect(port, "postgres", superuser_password, "seeding").await?;
    superuser.batch_execute("VACUUM (ANALYZE)").await.map_err(in_full)?;
    rename(admin, "seeding", &postgres.template).await
}

/// Makes the database `name` from the template.
async fn clone(admin: &Client, postgres: &Postgres, name: &str) -> anyhow::Result<()> {
    let Postgres { user, template, .. } = postgres;
    run(admin, "DROP DATABASE IF EXISTS %I WITH (FORCE)", &["cloning"]).await?;
    run(admin, "CREATE DATABASE %I TEMPLATE %I OWNER %I", &["cloning", template, user]).await?;
    // A sequence that is cloned would begin again at its start after a crash, and give numbers that rows have: PostgreSQL
    // logs a sequence 32 numbers ahead, takes the clone's for logged, and has logged it for the template only. After a
    // checkpoint it logs each again.
    let checkpoint = admin.batch_execute("CHECKPOINT").await.map_err(in_full);
    checkpoint.context("PostgreSQL cannot write to its disk (cargo lab logs db says why)")?;
    run(admin, "COMMENT ON DATABASE %I IS %L", &["cloning", template]).await?;
    // One that an interrupted reset left.
    run(admin, "DROP DATABASE IF EXISTS %I WITH (FORCE)", &[name]).await?;
    rename(admin, "cloning", name).await
}

/// Ends all its connections: PostgreSQL does not rename a database in use.
async fn rename(admin: &Client, from: &str, to: &str) -> anyhow::Result<()> {
    run(admin, "ALTER DATABASE %I WITH ALLOW_CONNECTIONS false", &[from]).await?;
    let dismiss = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = $1";
    admin.query(dismiss, &[&from]).await.map_err(in_full)?;
    run(admin, "ALTER DATABASE %I RENAME TO %I", &[from, to]).await?;
    run(admin, "ALTER DATABASE %I WITH ALLOW_CONNECTIONS true", &[to]).await
}

/// Runs a command that takes no parameters, after PostgreSQL itself quoted `names` into it: `%I` is an identifier,
/// `%L` a literal.
async fn run(admin: &Client, command: &str, names: &[&str]) -> anyhow::Result<()> {
    let arguments: String = (1..=names.len()).fold(String::new(), |mut all, n| {
        // Writing to a String cannot fail.
        let _ = write!(all, ", ${n}::text");
        all
    });
    let parameters: Vec<_> = names.iter().map(|name| name as _).collect();
    let quoted = admin.query_one(&format!("SELECT format('{command}'{arguments})"), &parameters).await;
    let sql: String = quoted.map_err(in_full)?.get(0);
    // What follows is a secret.
    let shown = sql.split(" PASSWORD ").next().unwrap_or_default();
    admin.batch_execute(&sql).await.map_err(in_full).with_context(|| shown.to_owned())
}

async fn has_role(admin: &Client, name: &str) -> anyhow::Result<bool> {
    let found = admin.query_opt("SELECT FROM pg_roles WHERE rolname = $1", &[&name]).await;
    Ok(found.map_err(in_full)?.is_some())
}

async fn has_database(admin: &Client, name: &str) -> anyhow::Result<bool> {
    let found = admin.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&name]).await;
    Ok(found.map_err(in_full)?.is_some())
}
