//! Tells a Prometheus which servers there are: it reads this file again whenever it changes, so that servers come and go
//! without an edit of its configuration.
//!
//! Source: Prometheus manual, "Configuration", `file_sd_config`.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use super::native::prometheus;
use crate::{
    plan::{Desired, Kind, Service},
    project::{Scenario, write_json},
};

/// Somebody who answers at `/metrics`.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// What kind of program it is.
    pub job: &'a str,
    /// Its own name.
    pub instance: &'a str,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
}

/// The programs that answer on a port, and the page, which knows of the database.
pub fn all(desired: &Desired) -> impl Iterator<Item = Target<'_>> {
    desired.services.iter().filter_map(|service: &Service| {
        let job = match &service.kind {
            Kind::Program(program) => program.build.package.as_str(),
            Kind::Page(_) => "lab",
            _ => return None,
        };
        Some(Target { job, instance: &service.name, port: service.port?.native })
    })
}

/// Names whom it is to ask.
pub fn announce(scenario: &Scenario, desired: &Desired) {
    let target = |Target { job, instance, port }| {
        json!({
            "targets": [format!("127.0.0.1:{port}")],
            "labels": { "job": job, "instance": instance },
        })
    };
    let targets: Vec<_> = all(desired).map(target).collect();
    // Without it nobody watches, and everything runs.
    if let Err(error) = write(scenario, desired, &targets) {
        eprintln!("{error:#}");
    }
}

fn write(scenario: &Scenario, desired: &Desired, targets: &[Value]) -> anyhow::Result<()> {
    let path = path(scenario);
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    write_json(&path, &targets)?;
    // Ours runs as somebody who may not read what is the learner's own.
    desired.prometheus().map_or(Ok(()), |ours| prometheus::tell(scenario, ours, targets))
}

/// Nothing runs any more.
pub fn withdraw(scenario: &Scenario) {
    // It may never have been written.
    let _ = fs::remove_file(path(scenario));
}

fn path(scenario: &Scenario) -> PathBuf {
    scenario.lab_dir.join(format!("targets/scenario-{}.json", scenario.number))
}
