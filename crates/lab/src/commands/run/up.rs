//! `lab up`: starts a scenario and says what to do next.

use engine::{
    up::{self, Options},
    wait_ready::Life,
};
use project::Scenario;
use verdict::classroom::Classroom;

use super::status::{self, StatusReport};
use crate::cli::Up;

/// Starts `scenario`, or brings what runs in line with its files, and returns when every service answers.
///
/// # Errors
/// When a file cannot be used, the program does not compile or a service does not start. The old services keep running.
pub async fn run(scenario: &Scenario, arguments: &Up) -> anyhow::Result<StatusReport> {
    // The page reads it again whenever it needs it; here an instructor's mistake is seen first.
    Classroom::read(&scenario.root)?;
    let options = Options {
        variant: arguments.variant.clone(),
        engine: arguments.engine.into(),
        no_watch: arguments.no_watch,
        no_dashboard: arguments.no_dashboard,
        release: arguments.release,
        stand_ins: Default::default(),
    };
    let spec = up::up(scenario, &options, Life::Detached).await?;
    let mut status = status::run(scenario).await?;
    let page = spec.page().and_then(|page| page.port);
    status.next = Some(match page {
        Some(port) => format!(
            "open {} and follow the lesson there (make dashboard opens it), or read \
            docs/scenario-{}/SCENARIO.md and run: make loadtest",
            scenario.page_url(port.native)?,
            scenario.number
        ),
        None => format!("read docs/scenario-{}/SCENARIO.md, then run: make loadtest", scenario.number),
    });
    Ok(status)
}
