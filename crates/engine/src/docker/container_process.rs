//! The container of one service, from outside.

use std::process::Command;

use anyhow::{Context, ensure};
use compose::{docker_service::Container, service_spec::Service};
use project::Scenario;
use rustix::process::Signal;

use crate::docker::localize;

/// The command that runs the container of `service` in the foreground, with what it prints.
pub fn foreground(container: &Container, service: &str) -> Command {
    let mut command = pgcluster::dies_with_parent(&container.docker.program, "TERM", None);
    command.args(["--ansi=never", "--progress=quiet"]).arg("--file").arg(&container.docker.file);
    command.args(["up", "--no-deps", "--no-build", "--no-log-prefix", "--no-color", service]);
    command
}

/// Sends `signal` to the program in the container of `service`.
///
/// # Errors
/// Docker's error message.
pub fn signal(container: &Container, service: &str, signal: Signal) -> anyhow::Result<()> {
    let number = signal.as_raw().to_string();
    let mut kill = container.docker.command(&["kill", "--signal", &number, service]);
    let output = kill.output().context("cannot start Docker Compose")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

/// Makes the running nginx reload `config`, and returns when the last worker with the old one has exited.
///
/// # Errors
/// When it cannot be written, or nginx rejects it.
pub fn reload(
    container: &Container,
    scenario: &Scenario,
    service: &Service,
    config: &str,
) -> anyhow::Result<()> {
    localize::write_nginx_conf(scenario, &service.name, config)?;
    let output = container.shell(&service.name, RELOAD).output().context("cannot start Docker Compose")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "nginx did not reload its configuration: {}", errors.trim());
    Ok(())
}

/// Old workers finish what they have. The image has no `pgrep`.
const RELOAD: &str = "nginx -t -q && old=$(cat /proc/1/task/1/children) && kill -HUP 1 \
    && for pid in $old; do while kill -0 $pid 2> /dev/null; do sleep 0.02; done; done";
