//! Tells a Prometheus which servers there are: it reads this file again whenever it changes, so that servers come and go
//! without an edit of its configuration.
//!
//! Source: Prometheus manual, "Configuration", `file_sd_config`.

use std::{fs, path::PathBuf};

use serde_json::json;

use crate::{
    plan::Service,
    project::{Scenario, write_json},
};

/// Names the programs of `services` that answer on a port.
pub fn announce(scenario: &Scenario, services: &[Service]) {
    let target = |service: &Service| {
        let (program, port) = (service.program()?, service.port?);
        Some(json!({
            "targets": [format!("127.0.0.1:{}", port.native)],
            "labels": { "job": program.build.package, "instance": service.name },
        }))
    };
    let targets: Vec<_> = services.iter().filter_map(target).collect();
    let path = path(scenario);
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).map_err(anyhow::Error::from);
    // Without it nobody watches, and everything runs.
    if let Err(error) = written.and_then(|()| write_json(&path, &targets)) {
        eprintln!("{error:#}");
    }
}

/// Nothing runs any more.
pub fn withdraw(scenario: &Scenario) {
    // It may never have been written.
    let _ = fs::remove_file(path(scenario));
}

fn path(scenario: &Scenario) -> PathBuf {
    scenario.lab_dir.join(format!("targets/scenario-{}.json", scenario.number))
}
