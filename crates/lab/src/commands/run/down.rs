//! `lab down`: stops what runs, and leaves nothing behind but the data.

use std::fmt::{self, Display, Formatter};

use engine::down;
use project::{Project, Scenario};
use serde::Serialize;

/// Which scenarios were running.
#[derive(Debug, Serialize)]
pub struct Stopped {
    stopped: Vec<u8>,
}

/// Stops those of `scenarios` that run.
///
/// # Errors
/// When one does not stop.
pub async fn run(scenarios: impl IntoIterator<Item = Scenario>) -> anyhow::Result<Stopped> {
    let mut stopped = Vec::new();
    for scenario in scenarios {
        if down::stop(&scenario).await? {
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
    run(project.scenarios().chain(project.parallel().scenarios())).await
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
