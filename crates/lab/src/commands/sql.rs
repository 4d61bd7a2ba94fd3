//! `lab sql`: psql on the scenario's database, as the service itself would connect.

use std::{
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

use anyhow::Context;
use pgcluster::Installation;

use super::running;
use crate::{lesson::Lesson, project::Scenario};

/// Becomes psql; returns only when that cannot be started.
///
/// # Errors
/// When the scenario does not run, or there is no psql.
pub fn run(scenario: &Scenario, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let lesson = Lesson::read(scenario)?;
    let (desired, _) = running(scenario)?;
    let (postgres, port) = desired.postgres(&lesson.database.service)?;
    let service = desired.service(&lesson.database.service)?;
    let mut psql = match &service.container {
        Some(container) => container.psql(&service.name),
        None => {
            let mut psql = Command::new(Installation::find()?.bin("psql"));
            psql.args(["--host=127.0.0.1", "--port", &port.to_string()]);
            psql
        }
    };
    let error = psql
        .args(["--username", &postgres.user, "--dbname", &postgres.database])
        // In the environment only we can read it; in the arguments everybody could.
        .env("PGPASSWORD", &postgres.password)
        .args(arguments)
        .exec();
    Err(error).context("cannot start psql")
}
