//! `build:` is a program of this checkout.

use std::{
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::bail;
use tokio::time::sleep;

use crate::plan::{Port, Program};

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

/// Waits until `GET /readyz` is answered with 200; without a port there is nobody to ask, and half a second of life has
/// to do.
///
/// # Errors
/// When the program ends before, or is not ready after 10 s; with its own words where it answers.
pub async fn ready(child: &mut Child, port: Option<Port>) -> anyhow::Result<String> {
    let Some(Port { native: port, .. }) = port else {
        sleep(Duration::from_millis(500)).await;
        return match child.try_wait()? {
            Some(status) => bail!("it ended by itself ({status})"),
            None => Ok("runs".to_owned()),
        };
    };
    let deadline = Instant::now() + Duration::from_secs(10);
    let readyz: loadgen::Endpoint = serde_json::from_str(r#"{"name": "readyz", "path": "/readyz"}"#)?;
    loop {
        if let Some(status) = child.try_wait()? {
            bail!("it ended by itself ({status})");
        }
        match loadgen::fetch(&format!("127.0.0.1:{port}"), &readyz, Duration::from_secs(1)) {
            Ok(answer) if answer.status == 200 => return Ok("answers".to_owned()),
            _ if Instant::now() < deadline => sleep(Duration::from_millis(20)).await,
            Ok(answer) => {
                bail!(
                    "it runs, but /readyz answers {}: {}",
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                )
            }
            Err(error) => bail!("it runs, but /readyz does not answer: {error:#}"),
        }
    }
}
