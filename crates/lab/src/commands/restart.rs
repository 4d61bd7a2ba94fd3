//! `lab restart`: new processes from the same files.

use std::fmt::{self, Display, Formatter};

use anyhow::{Context, ensure};
use serde::Serialize;

use super::{
    running,
    settle::{Life, settle},
};
use crate::{
    lesson::Lesson,
    nginx,
    plan::{Desired, Service},
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
    let lesson = Lesson::read(scenario)?;
    let _change = scenario.begin_change()?;
    let (mut desired, _) = running(scenario)?;
    if rolling {
        others_can_serve(&desired, &lesson.load.service)?;
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

fn others_can_serve(desired: &Desired, name: &str) -> anyhow::Result<()> {
    let nginx = desired.services.iter().find_map(Service::nginx);
    let nginx = nginx.context("a rolling restart needs an nginx in front of two servers; there is none")?;
    let mut servers = desired.servers(name).filter_map(|server| server.port);
    let first = servers.next().with_context(|| format!("`{name}` is no program"))?;
    ensure!(servers.next().is_some(), "a rolling restart needs two servers; `{name}` is the only one");
    nginx::without(&nginx.config, first.native).map(drop)
}

impl Display for Restarted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let how = if self.rolling { "one after the other" } else { "all at once" };
        write!(f, "restarted {}, {how}", self.restarted.join(", "))
    }
}
