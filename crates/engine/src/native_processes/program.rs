//! `build:` is a program of this checkout.

use std::{
    process::{Child, Command},
    time::Duration,
};

use anyhow::{anyhow, bail, ensure};
use compose::service_spec::{Port, Program};
use process::child::Exit;
use tokio::time::sleep;

use crate::native_processes::{get, until_it_answers};

/// The command that starts `program`. Its environment is what the compose file gives it, and nothing of ours: a
/// `DATABASE_URL` in the learner's shell would send it to another database.
pub fn command(program: &Program) -> Command {
    let mut command = pgcluster::dies_with_parent(&program.executable, "KILL", None);
    command.env_clear().envs(&program.environment);
    for kept in ["PATH", "RUST_LOG", "RUST_BACKTRACE", "LOG_FORMAT"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}

/// Waits until `GET /readyz` is answered with 200; a program without a port cannot be asked, and half a second of life has
/// to do.
///
/// # Errors
/// When the program ends before, or is not ready after 10 s; with its own words where it answers.
pub async fn ready(child: &mut Child, port: Option<Port>) -> anyhow::Result<String> {
    let Some(Port { native: port, .. }) = port else {
        sleep(Duration::from_millis(500)).await;
        return match child.try_wait()? {
            Some(status) => bail!("{}", Exit::from(status)),
            None => Ok("runs".to_owned()),
        };
    };
    let ask = async || {
        let answer = get(port, "/readyz")
            .await
            .map_err(|error| anyhow!("it runs, but /readyz does not answer: {error:#}"))?;
        let (status, body) = (answer.status, String::from_utf8_lossy(&answer.body));
        ensure!(status == 200, "it runs, but /readyz answers {status}: {body}");
        Ok("answers".to_owned())
    };
    until_it_answers(child, Duration::from_secs(10), ask).await
}
