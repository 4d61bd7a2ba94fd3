//! `image: prom/prometheus:…` is the Prometheus of this machine, in a directory of its own.

use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command},
    time::Duration,
};

use anyhow::Context;
use serde_json::Value;

use super::{place::Place, until_it_answers};
use crate::{
    docker::localize,
    needs,
    plan::{Prometheus, Service},
    project::Scenario,
};

/// How often it asks.
const CONFIG: &str = "prometheus.yml";

/// Whom it asks, in its directory: it sees when this file changes.
const TARGETS: &str = "targets.json";

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
    let place = Place::prepare(scenario, name)?;
    let data = place.dir.join("data");
    place.make(&data)?;
    configure(&place.dir, prometheus)?;
    let mut command = place.command(&needs::PROMETHEUS.find()?);
    command.args(options(&place.dir, &data, port, prometheus));
    Ok(command)
}

/// Its command line: what the compose file says, and where it reads, writes and listens.
pub fn options(dir: &Path, data: &Path, port: u16, prometheus: &Prometheus) -> Vec<String> {
    let mut options = prometheus.arguments.clone();
    options.push(format!("--config.file={}", dir.join(CONFIG).display()));
    options.push(format!("--storage.tsdb.path={}", data.display()));
    options.push(format!("--web.listen-address=127.0.0.1:{port}"));
    options
}

/// Writes to `dir` what it reads.
///
/// # Errors
/// When that cannot be written.
pub fn configure(dir: &Path, prometheus: &Prometheus) -> anyhow::Result<()> {
    let path = dir.join(CONFIG);
    fs::write(&path, &prometheus.config).with_context(|| format!("cannot write {}", path.display()))
}

/// Where the Prometheus `service` finds what it reads; it may look at nothing else of ours.
fn place(scenario: &Scenario, service: &Service) -> anyhow::Result<PathBuf> {
    match service.container {
        Some(_) => Ok(localize::dir(scenario, &service.name)),
        None => Ok(Place::prepare(scenario, &service.name)?.dir),
    }
}

/// Tells the Prometheus `service` whom to ask.
///
/// # Errors
/// When that cannot be written.
pub fn tell(scenario: &Scenario, service: &Service, targets: &[Value]) -> anyhow::Result<()> {
    let dir = place(scenario, service)?;
    // Renamed, so that it never reads half of it.
    let unfinished = dir.join("targets.unfinished");
    fs::write(&unfinished, serde_json::to_vec_pretty(targets)?)
        .and_then(|()| fs::rename(&unfinished, dir.join(TARGETS)))
        .with_context(|| format!("cannot write to {}", dir.display()))
}

/// Waits until it has its port: nobody waits until it has read again what it wrote down of the last day.
///
/// # Errors
/// When it ends before, or has no port after 5 s.
pub async fn ready(child: &mut Child, port: u16) -> anyhow::Result<String> {
    let ask = async || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("Prometheus does not listen");
    until_it_answers(child, Duration::from_secs(5), ask).await?;
    Ok("watches".to_owned())
}
