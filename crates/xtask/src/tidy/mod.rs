//! What no compiler checks. Each rule is one file, and `docs/style.md` explains all of them under "Tidy".

mod tokens;
mod paths;
mod finding;
mod links;
mod metrics;
mod lessons;
mod claims;
pub mod starters;
mod sizes;
mod layers;
mod optimisation;
mod cycles;
mod words;
mod names;
mod scenario_names;

use std::path::Path;

use project::Project;

pub use self::finding::Finding;
use crate::git;

/// Everything in this checkout that breaks a rule.
///
/// # Errors
/// When a file cannot be read.
pub fn findings() -> anyhow::Result<Vec<Finding>> {
    let project = Project::find()?;
    let rules = [
        links::check()?,
        metrics::check()?,
        lessons::check(&project)?,
        starters::check(&project)?,
        sizes::check()?,
        layers::check()?,
        optimisation::check()?,
        cycles::check()?,
        words::check()?,
        names::check()?,
        scenario_names::check()?,
    ];
    Ok(rules.into_iter().flatten().collect())
}

/// The files that git knows or would add, by pattern: `*.md`, `crates/*/src/*.rs` (a `*` crosses folders).
fn files(pattern: &str) -> anyhow::Result<Vec<String>> {
    let files = git::text(&["ls-files", "--cached", "--others", "--exclude-standard", "--", pattern])?;
    let is_there = |file: &&str| Path::new(file).exists();
    Ok(files.lines().filter(is_there).map(str::to_owned).collect())
}

/// The sources of a tool crate that the program is built from: not its unit tests in files of their own.
fn sources(name: &str) -> anyhow::Result<Vec<String>> {
    let mut files = files(&format!("crates/{name}/src/*.rs"))?;
    files.retain(|file| !file.ends_with("tests.rs") && !file.contains("/tests/"));
    Ok(files)
}
