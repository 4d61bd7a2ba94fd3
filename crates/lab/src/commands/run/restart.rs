//! `lab restart`: new processes from the same files.

use std::fmt::{self, Display, Formatter};

use anyhow::{Context, ensure};
use engine::wait_ready::{Life, start_and_wait};
use project::{Scenario, running, spec_file::Spec};
use serde::Serialize;

/// What was restarted.
#[derive(Debug, Serialize)]
pub struct Restarted {
    restarted: Vec<String>,
    rolling: bool,
}

/// Restarts every program; with `rolling` one after the other, while the others serve.
///
/// # Errors
/// When the scenario does not run, when no other server could take a program's place, or when one does not start again.
pub async fn run(scenario: &Scenario, rolling: bool) -> anyhow::Result<Restarted> {
    let _change = scenario.begin_change()?;
    let (mut spec, _) = running(scenario)?;
    if rolling {
        others_can_serve(&spec)?;
    }
    spec.generation += 1;
    spec.rolling = rolling;
    let mut restarted = Vec::new();
    for service in spec.services.iter_mut().filter(|service| service.program().is_some()) {
        service.restarts += 1;
        restarted.push(service.name.clone());
    }
    spec.write(scenario)?;
    start_and_wait(scenario, spec.generation, Life::Detached).await?;
    Ok(Restarted { restarted, rolling })
}

fn others_can_serve(spec: &Spec) -> anyhow::Result<()> {
    let nginx = spec.services.iter().find(|service| service.nginx().is_some());
    let nginx =
        nginx.context("a rolling restart needs an nginx in front of two servers; this scenario has none")?;
    let servers = spec.servers(nginx).count();
    ensure!(
        servers > 1,
        "a rolling restart needs two servers; {} passes requests on to {servers}",
        nginx.name
    );
    Ok(())
}

impl Display for Restarted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let how = if self.rolling { "one after the other" } else { "all at once" };
        write!(f, "restarted {}, {how}", self.restarted.join(", "))
    }
}
