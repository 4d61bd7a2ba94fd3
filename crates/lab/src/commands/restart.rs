//! `lab restart`: new processes from the same files.

use std::fmt::{self, Display, Formatter};

use anyhow::{Context, ensure};
use serde::Serialize;

use super::{
    running,
    settle::{Life, settle},
};
use crate::{
    plan::Desired,
    project::{Scenario, write_json},
};

/// What was restarted.
#[derive(Debug, Serialize)]
pub struct Restarted {
    restarted: Vec<String>,
    rolling: bool,
}

/// Starts every program anew; with `rolling` one after the other, each while the others serve in its place.
///
/// # Errors
/// When the scenario does not run, when nobody could serve in a program's place, or when one does not start again.
pub async fn run(scenario: &Scenario, rolling: bool) -> anyhow::Result<Restarted> {
    let _change = scenario.begin_change()?;
    let (mut desired, _) = running(scenario)?;
    if rolling {
        others_can_serve(&desired)?;
    }
    desired.generation += 1;
    desired.rolling = rolling;
    let mut restarted = Vec::new();
    for service in desired.services.iter_mut().filter(|service| service.program().is_some()) {
        service.restarts += 1;
        restarted.push(service.name.clone());
    }
    write_json(&scenario.dir().join("desired.json"), &desired)?;
    settle(scenario, desired.generation, Life::Detached).await?;
    Ok(Restarted { restarted, rolling })
}

fn others_can_serve(desired: &Desired) -> anyhow::Result<()> {
    let nginx = desired.services.iter().find(|service| service.nginx().is_some());
    let nginx = nginx.context("a rolling restart needs an nginx in front of two servers; there is none")?;
    let servers = desired.servers(nginx).count();
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
