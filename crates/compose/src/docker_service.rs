//! How Docker Compose runs a service, where it does.

use std::{
    env,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::Command,
};

use serde::{Deserialize, Serialize};

/// A compose file that is resolved for this machine, and who can read it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Docker {
    /// Compose itself: a signal stops it, which the `docker` command would not pass on.
    pub program: PathBuf,
    /// Whether it can cap a container's CPU: one that belongs to an ordinary user may not.
    pub caps: bool,
    /// What it runs.
    pub file: PathBuf,
}

/// The container of a service.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Container {
    /// Who runs it.
    pub docker: Docker,
    /// Its official image, or `None` for one of ours.
    pub image: Option<String>,
    /// Names its definition: another one, another container.
    pub definition: String,
}

impl Docker {
    /// Compose with `arguments`, on the resolved file.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(&self.program);
        command.arg("--file").arg(&self.file).args(arguments);
        command
    }
}

/// Docker Compose without the settings of the user's shell: `COMPOSE_PROJECT_NAME`, for example, would take the containers
/// out of the project that the lab looks for.
pub fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"COMPOSE_")) {
        command.env_remove(name);
    }
    command
}

impl Container {
    /// Why its CPU cannot be capped; `None` when it can.
    pub fn uncapped(&self) -> Option<String> {
        (!self.docker.caps).then(|| "Docker on this machine cannot cap CPU".to_owned())
    }

    /// The server's own client `program`, in the container of `service`. There it can log in.
    pub fn client(&self, service: &str, program: &str) -> Command {
        let mut command = self.docker.command(&["exec"]);
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            command.arg("--no-TTY");
        }
        command.args([service, program]);
        command
    }

    /// The command that runs `script` with the container's own shell in the container of `service`.
    pub fn shell(&self, service: &str, script: &str) -> Command {
        self.docker.command(&["exec", "--no-TTY", service, "sh", "-c", script])
    }
}
