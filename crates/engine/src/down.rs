//! Stops a scenario and leaves nothing behind but its data.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use project::{Scenario, status};
use rustix::process::Signal;
use tokio::time::sleep;

use crate::supervisor::leftovers;

/// Longer than the supervisor takes at worst: each service has 10 s before it is killed.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Stops `scenario` and waits until its last process has ended; `false` when it was not running.
///
/// # Errors
/// When it does not stop.
pub async fn stop(scenario: &Scenario) -> anyhow::Result<bool> {
    if !scenario.is_up()? {
        leftovers::end(scenario).await;
        return Ok(false);
    }
    let deadline = Instant::now() + PATIENCE;
    let mut signalled = false;
    // The supervisor releases the lock when it ends, and it ends last.
    while scenario.is_up()? {
        // A supervisor that is just starting has not written its process id yet.
        let supervisor = status::supervisor(scenario);
        if let (false, Some(supervisor)) = (signalled, &supervisor) {
            supervisor.signal(Signal::TERM);
            if supervisor.is_stopped() {
                eprintln!(
                    "a signal had stopped the lab's supervisor (process {}); continuing it",
                    supervisor.pid
                );
                supervisor.signal(Signal::CONT);
            }
            signalled = true;
        }
        if Instant::now() > deadline {
            let supervisor = supervisor.with_context(|| {
                format!(
                    "{} holds the lock {}, and has not written its process id",
                    scenario.lock_holder(),
                    scenario.dir().join("lock").display()
                )
            })?;
            bail!("the supervisor (process {}) does not stop", supervisor.pid);
        }
        sleep(Duration::from_millis(10)).await;
    }
    Ok(true)
}

/// Removes what a supervisor that was killed has left of `scenario`, unless another one runs it by now.
///
/// # Errors
/// When the scenario's lock cannot be opened.
pub async fn clean_up(scenario: &Scenario) -> anyhow::Result<()> {
    if !scenario.is_up()? {
        leftovers::end(scenario).await;
    }
    Ok(())
}
