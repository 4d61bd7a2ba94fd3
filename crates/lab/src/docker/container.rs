//! The container of one service, from outside.

use std::{
    io::{self, IsTerminal},
    process::Command,
};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use super::{Docker, localize};
use crate::{plan::Service, project::Scenario};

/// The container of a service.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Container {
    /// Who runs it.
    pub docker: Docker,
    /// What is in it: an official image, or `None` for one of ours.
    pub image: Option<String>,
    /// Names its definition: another one, another container.
    pub(super) definition: String,
}

impl Container {
    /// The command that runs the container of `service` in the foreground, with what it prints.
    pub fn command(&self, service: &str) -> Command {
        let mut command = pgcluster::dies_with_parent(&self.docker.program, "TERM", None);
        command.args(["--ansi=never", "--progress=quiet"]).arg("--file").arg(&self.docker.file);
        command.args(["up", "--no-deps", "--no-build", "--no-log-prefix", "--no-color", service]);
        command
    }

    /// Why `service`, which runs here, has not the CPU cap that it should have.
    pub fn uncapped(&self, service: &Service) -> Option<String> {
        let lacks = service.cpu_cap.is_some() && !self.docker.caps;
        lacks.then(|| "the Docker of this machine caps no CPU".to_owned())
    }

    /// The psql in the container of `service`, which lets in everybody who is there.
    pub fn psql(&self, service: &str) -> Command {
        let mut command = self.docker.command(&["exec"]);
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            command.arg("--no-TTY");
        }
        command.args([service, "psql"]);
        command
    }

    /// Sends `signal` to the program in the container of `service`.
    ///
    /// # Errors
    /// Docker's own words.
    pub fn signal(&self, service: &str, signal: &str) -> anyhow::Result<()> {
        let mut kill = self.docker.command(&["kill", "--signal", signal, service]);
        let output = kill.output().context("cannot start Docker Compose")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(())
    }

    /// `/proc/pid/stat` of all that runs in the container of `service`; `None` where Docker does not tell.
    pub fn processes(&self, service: &str) -> Option<String> {
        let mut read = self.docker.command(&["exec", "--no-TTY", service, "sh", "-c"]);
        let output = read.arg("cat /proc/[0-9]*/stat").output().ok()?;
        // The one that looks may have ended when it is asked for itself.
        String::from_utf8(output.stdout).ok()
    }

    /// Has the nginx that runs here go over to `config`, and returns when nobody goes by the old one any more.
    ///
    /// # Errors
    /// When it cannot be written, or nginx does not take it.
    pub fn reload(&self, scenario: &Scenario, service: &Service, config: &str) -> anyhow::Result<()> {
        localize::write_config(scenario, &service.name, config)?;
        let output = self
            .docker
            .command(&["exec", "--no-TTY", &service.name, "sh", "-c", RELOAD])
            .output()
            .context("cannot start Docker Compose")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "nginx did not take over its new configuration: {}", said.trim());
        Ok(())
    }
}

/// Old workers finish what they have. The image has no `pgrep`.
const RELOAD: &str = "nginx -t -q && old=$(cat /proc/1/task/1/children) && kill -HUP 1 \
    && for pid in $old; do while kill -0 $pid 2> /dev/null; do sleep 0.02; done; done";

impl Service {
    /// What nginx calls it: in a container by its name, here by its address.
    pub fn upstream(&self) -> Option<String> {
        let port = self.port?;
        Some(match self.container {
            Some(_) => format!("{}:{}", self.name, port.inside),
            None => format!("127.0.0.1:{}", port.native),
        })
    }
}
