//! A crash of one of the servers that answer the lesson's requests.

use std::time::{Duration, Instant};

use anyhow::ensure;
use engine::signal;
use project::{
    Session,
    status::{Phase, Status},
};
use rustix::process::Signal;
use tokio::time::sleep;

/// Longer than the lab takes to restart a server.
const PATIENCE: Duration = Duration::from_secs(20);

/// Kills the server of that number, counted from 0, and waits until it is ready again. `false` if there is none.
///
/// # Errors
/// When it cannot be killed, or is not restarted in time.
pub async fn kill(session: &Session, number: usize) -> anyhow::Result<bool> {
    let Some(server) = session.spec.servers(session.target()?).nth(number) else { return Ok(false) };
    let status = session.reopen()?.status;
    let killed = status.service(&server.name).and_then(|service| service.process.clone());
    signal::send(server, &status, Signal::KILL)?;
    let is_back = |status: &Status| {
        let service = status.service(&server.name);
        service.is_some_and(|now| now.phase == Phase::Ready && now.process != killed)
    };
    let due = Instant::now() + PATIENCE;
    while !is_back(&session.reopen()?.status) {
        ensure!(Instant::now() < due, "{} is not ready again after it was killed", server.name);
        sleep(Duration::from_millis(50)).await;
    }
    Ok(true)
}
