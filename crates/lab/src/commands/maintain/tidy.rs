//! `lab tidy`: checks that no compiler does. Each complaint names the file and what to do.

use std::{
    collections::BTreeSet,
    fmt::{self, Display, Formatter},
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use compose::Compose;
use lesson::{Goals, hints};
use project::{Project, Scenario};
use pulldown_cmark::{Event, Parser, Tag};
use regex_lite::Regex;
use serde::Serialize;
use verdict::{exit_status::ExitStatus, solution};

use super::numbers;

/// Lines that a reference solution may change in a file. More would be another lesson.
const SOLUTION_MAX_LINES: usize = 40;

/// Lines of a source file, tests included. A longer one usually holds two ideas.
const SOURCE_MAX_LINES: usize = 250;

/// The complaints.
#[derive(Debug, Serialize)]
pub struct TidyReport {
    complaints: Vec<String>,
}

/// Checks the whole checkout.
///
/// # Errors
/// When a file cannot be read.
pub fn run(project: &Project) -> anyhow::Result<TidyReport> {
    let root = &project.root;
    let mut complaints = Vec::new();
    for page in files(root, "md")? {
        links(root, &page, &mut complaints)?;
    }
    let sources = files(&root.join("crates"), "rs")?;
    let mut code = String::new();
    for source in sources {
        let text = read(&source)?;
        if text.lines().count() > SOURCE_MAX_LINES {
            complaints.push(format!("{}: has over {SOURCE_MAX_LINES} lines; split it", source.display()));
        }
        // Metrics that the lab only mentions are emitted by no service.
        if !source.starts_with(root.join("crates/lab")) || source.ends_with("site/metrics.rs") {
            code += &text;
        }
    }
    for dashboard in files(&root.join("dashboards"), "json")? {
        metrics(&dashboard, &code, &mut complaints)?;
    }
    for scenario in project.scenarios() {
        lesson(&scenario, &mut complaints)?;
    }
    Ok(TidyReport { complaints })
}

/// Relative links, and paths of this checkout in `code`, lead somewhere.
fn links(root: &Path, page: &Path, complaints: &mut Vec<String>) -> anyhow::Result<()> {
    let text = read(page)?;
    let beside = page.parent().context("a page is in a folder")?;
    for event in Parser::new(&text) {
        let target = match &event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let is_elsewhere = dest_url.contains("://") || dest_url.starts_with(['#', '/']);
                let path = dest_url.split('#').next().unwrap_or_default();
                (!is_elsewhere).then(|| beside.join(path))
            }
            Event::Code(path) => {
                let ours = ["crates/", "compose/", "db/", "docs/", "dashboards/"];
                let is_pattern = path.contains(['N', '*', '<', '{', '…', ' ']);
                (ours.iter().any(|start| path.starts_with(start)) && !is_pattern).then(|| root.join(&**path))
            }
            _ => None,
        };
        if let Some(target) = target.filter(|target| !target.exists()) {
            complaints.push(format!("{}: {} does not exist", page.display(), target.display()));
        }
    }
    Ok(())
}

/// Every metric that a dashboard asks for is emitted by some service.
fn metrics(dashboard: &Path, code: &str, complaints: &mut Vec<String>) -> anyhow::Result<()> {
    let json: serde_json::Value =
        serde_json::from_str(&read(dashboard)?).with_context(|| dashboard.display().to_string())?;
    let mut queries = Vec::new();
    collect(&json, "expr", &mut queries);
    let name = Regex::new(r"\b(?:http|db|process|jobs|cache|redis|orders|feed|lab)_[a-z_]+")?;
    for query in queries {
        for metric in name.find_iter(query) {
            let suffixes = ["_bucket", "_sum", "_count"];
            let base =
                suffixes.iter().find_map(|end| metric.as_str().strip_suffix(end)).unwrap_or(metric.as_str());
            if !code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == base) {
                complaints.push(format!("{}: no service emits {base}", dashboard.display()));
            }
        }
    }
    Ok(())
}

/// All strings under `key`, wherever in `json` they are.
fn collect<'a>(json: &'a serde_json::Value, key: &str, found: &mut Vec<&'a str>) {
    match json {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(text) if name == key => found.push(text),
                    _ => collect(value, key, found),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, key, found)),
        _ => {}
    }
}

/// The lesson can be read, has its hints, and its solution keeps the budget.
fn lesson(scenario: &Scenario, complaints: &mut Vec<String>) -> anyhow::Result<()> {
    let docs = scenario.docs();
    let lesson = scenario.lesson()?;
    Compose::read(&scenario.root.join(scenario.compose_file()), |_| None)?;
    match scenario.goals() {
        Err(error) => complaints.push(format!("{error:#}")),
        Ok(Goals { goals, .. }) => {
            for topic in goals.iter().map(|goal| &goal.hints).collect::<BTreeSet<_>>() {
                let hints = hints::read(&docs.join(format!("hints/{topic}.md")));
                complaints.extend(hints.err().map(|error| format!("{error:#}")));
            }
        }
    }
    let changed = solution::diff(scenario)?.most_in_a_file;
    if changed > SOLUTION_MAX_LINES {
        complaints.push(format!(
            "{}: the solution changes {changed} lines of a file, over {SOLUTION_MAX_LINES}",
            docs.display()
        ));
    }
    let text = docs.join("SCENARIO.md");
    let stated = numbers::complaints(&read(&text)?, &lesson.claims);
    complaints.extend(stated.into_iter().map(|complaint| format!("{}: {complaint}", text.display())));
    for claim in &lesson.claims {
        let known = |id: &str| lesson.stages.iter().any(|stage| stage.id == id);
        if !known(&claim.stage) || claim.relative_to.as_deref().is_some_and(|id| !known(id)) {
            complaints.push(format!("{}: claim {} names an unknown stage", docs.display(), claim.id));
        }
        if claim.at_least.is_none() && claim.at_most.is_none() {
            complaints.push(format!("{}: claim {} has no limit", docs.display(), claim.id));
        }
    }
    Ok(())
}

/// All files below `dir` with this extension, without hidden and built ones.
fn files(dir: &Path, extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

impl TidyReport {
    /// Fail when something is not in order.
    pub fn exit_status(&self) -> ExitStatus {
        if self.complaints.is_empty() { ExitStatus::Success } else { ExitStatus::Fail }
    }
}

impl Display for TidyReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.complaints.is_empty() {
            return f.write_str("tidy");
        }
        f.write_str(&self.complaints.join("\n"))
    }
}
