//! `lab sql`: psql on the scenario's database, as the service itself would connect, or as a role that can only read.

use std::{os::unix::process::CommandExt, process::Command};

use anyhow::Error;
use engine::database::{READER, prepare_reader};
use pgcluster::Installation;
use project::{Scenario, Session};

/// Becomes psql; returns only the error when that fails: the scenario does not run, or there is no psql.
pub async fn run(scenario: &Scenario, read_only: bool, arguments: &[String]) -> Error {
    match psql(scenario, read_only).await {
        Ok(mut psql) => Error::from(psql.args(arguments).exec()).context("cannot start psql"),
        Err(error) => error,
    }
}

async fn psql(scenario: &Scenario, read_only: bool) -> anyhow::Result<Command> {
    let session = Session::open(scenario)?;
    let (postgres, port) = session.postgres()?;
    let service = session.spec.service(&session.lesson.database.service)?;
    let mut psql = match &service.container {
        Some(container) => container.client(&service.name, "psql"),
        None => {
            let mut psql = Installation::find()?.client("psql");
            psql.args(["--host=127.0.0.1", "--port", &port.to_string()]);
            psql
        }
    };
    // A `\set AUTOCOMMIT off` there would lose what the learner types after `-c`.
    psql.arg("--no-psqlrc");
    let (user, password) = if read_only {
        let password = scenario.password(READER)?;
        prepare_reader(port, &session.superuser_password()?, &password).await?;
        (READER, password)
    } else {
        (&*postgres.user, postgres.password.clone())
    };
    psql.args(["--username", user, "--dbname", &postgres.database]);
    // Other users can read arguments, but not the environment.
    psql.env("PGPASSWORD", password);
    Ok(psql)
}
