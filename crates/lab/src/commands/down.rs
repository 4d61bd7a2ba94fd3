//! `lab down`: stops what runs, and leaves nothing behind but the data.

use std::{
    fmt::{self, Display, Formatter},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rustix::process::Signal;
use serde::Serialize;
use tokio::time::sleep;

use crate::{
    docker,
    project::{Project, Scenario},
    state::State,
    supervisor::native::cap,
};

/// Longer than the supervisor takes at worst: each service has 10 s before it is killed.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Which scenarios were running.
#[derive(Debug, Serialize)]
pub struct Stopped {
    stopped: Vec<u8>,
}

/// Stops `scenarios`; those that do not run are left as they are.
///
/// # Errors
/// When one does not stop.
pub async fn run(scenarios: impl IntoIterator<Item = Scenario>) -> anyhow::Result<Stopped> {
    let mut stopped = Vec::new();
    for scenario in scenarios {
        if stop(&scenario).await? {
            stopped.push(scenario.number);
        }
    }
    Ok(Stopped { stopped })
}

/// Stops every scenario of the checkout, and what a smoke or A/B test that was killed may have left.
///
/// # Errors
/// When one does not stop.
pub async fn all(project: &Project) -> anyhow::Result<Stopped> {
    run(project.scenarios().chain(project.aside().scenarios())).await
}

/// Stops `scenario` and waits until its last process has ended; `false` when it was not running.
///
/// # Errors
/// When it does not stop.
pub async fn stop(scenario: &Scenario) -> anyhow::Result<bool> {
    if !scenario.is_up()? {
        cap::sweep(scenario);
        docker::clean_up(scenario);
        return Ok(false);
    }
    let deadline = Instant::now() + PATIENCE;
    let mut told = false;
    // The supervisor lets go of the lock when it ends, and it ends last.
    while scenario.is_up()? {
        // One that only just started has not written yet who it is.
        if let (false, Some(state)) = (told, State::read(scenario))
            && state.supervisor.is_alive()
        {
            state.supervisor.signal(Signal::TERM);
            told = true;
        }
        if Instant::now() > deadline {
            let state = State::read(scenario).context("it never said who it is")?;
            bail!("the supervisor (process {}) does not stop", state.supervisor.pid);
        }
        sleep(Duration::from_millis(10)).await;
    }
    Ok(true)
}

impl Display for Stopped {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.stopped.as_slice() {
            [] => f.write_str("nothing was running"),
            numbers => {
                let numbers: Vec<_> = numbers.iter().map(u8::to_string).collect();
                write!(
                    f,
                    "stopped scenario {}; start again with: make scenario-{}",
                    numbers.join(", "),
                    numbers[0]
                )
            }
        }
    }
}
