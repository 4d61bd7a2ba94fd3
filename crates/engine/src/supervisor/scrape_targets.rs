//! Service discovery for Prometheus: it reads this file again whenever it changes, so that servers come and go
//! without an edit of its configuration.
//!
//! Source: Prometheus manual, "Configuration", `file_sd_config`.

use std::{fs, path::PathBuf};

use anyhow::Context;
use compose::{prometheus::TARGETS, service_spec::Service};
use project::{
    Scenario, folders,
    scrape_targets::{Target, all},
    spec_file::Spec,
    write_json,
};
use serde_json::{Value, json};

use crate::native_processes::server_dir::ServerDir;

/// Names whom it is to ask.
pub fn announce(scenario: &Scenario, spec: &Spec) {
    let target = |Target { job, instance, port }| {
        json!({
            "targets": [format!("127.0.0.1:{port}")],
            "labels": { "job": job, "instance": instance },
        })
    };
    let targets: Vec<_> = all(spec).map(target).collect();
    // Without it monitoring is off, and everything else works.
    if let Err(error) = write(scenario, spec, &targets) {
        eprintln!("{error:#}");
    }
}

fn write(scenario: &Scenario, spec: &Spec, targets: &[Value]) -> anyhow::Result<()> {
    let path = path(scenario);
    path.parent().map_or(Ok(()), folders::private)?;
    write_json(&path, &targets)?;
    // Ours runs as an account that cannot read the learner's files.
    spec.prometheus().map_or(Ok(()), |ours| tell(scenario, ours, targets))
}

/// Nothing runs any more.
pub fn withdraw(scenario: &Scenario) {
    // It may never have been written.
    let _ = fs::remove_file(path(scenario));
}

fn path(scenario: &Scenario) -> PathBuf {
    scenario.lab_dir.join(format!("targets/scenario-{}.json", scenario.number))
}

/// Writes the scrape targets of the Prometheus `service` to its directory; it can read no other file of ours.
///
/// # Errors
/// When that cannot be written.
fn tell(scenario: &Scenario, service: &Service, targets: &[Value]) -> anyhow::Result<()> {
    if service.container.is_none() {
        let place = ServerDir::prepare(scenario, &service.name)?;
        return place.write(TARGETS, serde_json::to_vec_pretty(targets)?).map(drop);
    }
    let dir = scenario.service_dir(&service.name);
    // Renamed, so that it never reads half of it.
    let unfinished = dir.join("targets.unfinished");
    fs::write(&unfinished, serde_json::to_vec_pretty(targets)?)
        .and_then(|()| fs::rename(&unfinished, dir.join(TARGETS)))
        .with_context(|| format!("cannot write to {}", dir.display()))
}
