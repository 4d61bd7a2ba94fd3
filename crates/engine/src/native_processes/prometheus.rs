//! `image: prom/prometheus:…` is the Prometheus of this machine, in a directory of its own.

use std::{
    net::{Ipv4Addr, TcpStream},
    process::{Child, Command},
    time::Duration,
};

use anyhow::Context;
use compose::{
    prometheus::{CONFIG, USERS, options},
    service_spec::Prometheus,
};
use project::{
    Scenario,
    prometheus_user::{PASSWORD, USER},
};

use crate::{
    native_processes::{server_dir::ServerDir, until_it_answers},
    needs,
};

/// The command that serves `prometheus` on `127.0.0.1:port` in the foreground.
///
/// # Errors
/// When Prometheus is missing, or its directory cannot be written.
pub fn command(
    scenario: &Scenario,
    name: &str,
    port: u16,
    prometheus: &Prometheus,
) -> anyhow::Result<Command> {
    let place = ServerDir::prepare(scenario, name)?;
    let data = place.dir.join("data");
    place.make(&data)?;
    place.write(CONFIG, &prometheus.config)?;
    place.write(USERS, users(scenario)?)?;
    let mut command = place.command(&needs::PROMETHEUS.find()?);
    command.args(options(&place.dir, &data, port, prometheus));
    Ok(command)
}

/// The file that names its only user.
///
/// Source: Prometheus manual, "HTTPS and authentication".
///
/// # Errors
/// When the password cannot be read.
pub fn users(scenario: &Scenario) -> anyhow::Result<String> {
    // A random password of 128 bits cannot be guessed, so the lowest cost is enough.
    let hash = bcrypt::hash(scenario.password(PASSWORD)?, 4)?;
    Ok(format!("basic_auth_users: {{ {USER}: {hash} }}\n"))
}

/// Waits until it listens, and not until it has read its data of the last day again.
///
/// # Errors
/// When it ends before, or has no port after 5 s.
pub async fn ready(child: &mut Child, port: u16) -> anyhow::Result<String> {
    let ask = async || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("Prometheus does not listen");
    until_it_answers(child, Duration::from_secs(5), ask).await?;
    Ok("watches".to_owned())
}
