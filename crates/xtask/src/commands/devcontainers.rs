//! `cargo xtask devcontainers`: the file with which a Codespace of a scenario starts, for each of them from one template.

use std::fs;

use anyhow::Context;

use crate::{
    files::read,
    scenarios::{self, Lesson, Scenario},
};

const TEMPLATE: &str = "devcontainers/template.json";

/// The lab's page.
const DASHBOARD: (u16, &str) = (3010, "dashboard");

/// Writes the files, or compares them when `check`.
///
/// # Errors
/// When the template or a lesson cannot be read, or a file cannot be written.
pub fn run(check: bool) -> anyhow::Result<bool> {
    let template = read(TEMPLATE)?;
    let hidden = answers()?;
    let mut is_same = true;
    for scenario in scenarios::all()? {
        let folder = format!(".devcontainer/scenario-{}", scenario.0);
        let file = format!("{folder}/devcontainer.json");
        let wanted = render(&template, scenario, &ports(scenario)?, &hidden)?;
        if fs::read_to_string(&file).is_ok_and(|text| text == wanted) {
            continue;
        }
        is_same = false;
        if check {
            eprintln!("{file} differs from {TEMPLATE}; run: cargo xtask devcontainers");
        } else {
            fs::create_dir_all(&folder).with_context(|| format!("cannot create {folder}"))?;
            fs::write(&file, wanted).with_context(|| format!("cannot write {file}"))?;
            eprintln!("wrote {file}");
        }
    }
    Ok(is_same || !check)
}

/// What the learner opens in a browser: the service, the load balancer, the lab's page.
fn ports(scenario: Scenario) -> anyhow::Result<Vec<(u16, String)>> {
    let Lesson { load, .. } = scenario.lesson()?;
    let mut ports = Vec::new();
    for service in [Some(load.service), load.through].into_iter().flatten() {
        match scenario.port(&service)? {
            Some((port, true)) => ports.push((port, service)),
            Some((port, false)) => ports.push((port, format!("{service} (once you have added it)"))),
            None => {}
        }
    }
    ports.push((DASHBOARD.0, DASHBOARD.1.to_owned()));
    Ok(ports)
}

/// Folders that rust-analyzer shall not show to a learner; its setting knows no patterns.
fn answers() -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("crates").context("cannot read crates")? {
        let path = entry?.path();
        let answers =
            ["solution", "wrong"].map(|name| path.join(name)).into_iter().filter(|path| path.is_dir());
        found.extend(answers.map(|path| path.display().to_string()));
    }
    found.sort();
    Ok(found)
}

fn render(
    template: &str,
    scenario: Scenario,
    ports: &[(u16, String)],
    hidden: &[String],
) -> anyhow::Result<String> {
    let numbers: Vec<_> = ports.iter().map(|(port, _)| port.to_string()).collect();
    let label = |(port, label): &(u16, String)| {
        format!(r#""{port}": {{ "label": "{label}", "onAutoForward": "silent" }}"#)
    };
    let labels: Vec<_> = ports.iter().map(label).collect();
    let hidden: Vec<_> = hidden.iter().map(|folder| format!("\"{folder}\"")).collect();
    let text = template
        .replace("{number}", &scenario.0.to_string())
        .replace("{title}", &scenario.lesson()?.title)
        .replace("{ports}", &numbers.join(", "))
        .replace("{labels}", &labels.join(",\n    "))
        .replace("{answers}", &hidden.join(",\n          "));
    serde_json::from_str::<serde_json::Value>(&text).with_context(|| format!("{TEMPLATE} makes no JSON"))?;
    Ok(text)
}
