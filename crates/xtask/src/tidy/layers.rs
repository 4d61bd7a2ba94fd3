//! Which of our crates may depend on which.

use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::Finding;

/// The tool crates, each with the crates that it may use; their tests may use the test kit as well. A crate uses only what stands above it: there are no circles.
const TOOLS: [(&str, &[&str]); 19] = [
    ("format", &[]),
    ("process", &[]),
    ("pgcluster", &[]),
    ("testkit", &["pgcluster"]),
    ("compare", &[]),
    ("predict", &[]),
    ("loadgen", &[]),
    ("lesson", &["format", "loadgen"]),
    ("compose", &["format"]),
    ("project", &["format", "process", "compose", "lesson"]),
    // Of `loadgen` only `fetch`, an HTTP client without dependencies.
    ("engine", &["format", "process", "pgcluster", "loadgen", "lesson", "compose", "project"]),
    ("observe", &["format", "process", "compare", "loadgen", "lesson", "compose", "project"]),
    ("verdict", &["format", "process", "predict", "loadgen", "lesson", "compose", "project", "observe"]),
    (
        "view",
        &["format", "process", "compare", "loadgen", "lesson", "compose", "project", "observe", "verdict"],
    ),
    (
        "workflow",
        &[
            "format",
            "process",
            "pgcluster",
            "compare",
            "predict",
            "loadgen",
            "lesson",
            "compose",
            "project",
            "engine",
            "observe",
            "verdict",
        ],
    ),
    (
        "site",
        &[
            "format",
            "process",
            "pgcluster",
            "loadgen",
            "lesson",
            "compose",
            "project",
            "engine",
            "observe",
            "verdict",
            "view",
        ],
    ),
    (
        "lab",
        &[
            "format",
            "process",
            "pgcluster",
            "compare",
            "predict",
            "loadgen",
            "lesson",
            "compose",
            "project",
            "engine",
            "observe",
            "verdict",
            "view",
            "workflow",
            "site",
        ],
    ),
    // Starts `lab` and the services as programs.
    ("torture", &["testkit", "loadgen"]),
    ("xtask", &["format", "compose", "lesson", "project", "verdict"]),
];

/// What a service may use, and the crate for what services share; the last two in tests and benches only.
const SERVICE: [&str; 4] = ["shared", "testkit", "loadgen", "pgcluster"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    optional: bool,
    path: Option<String>,
}

/// The tool crates, by name.
pub fn tools() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|(name, _)| *name)
}

/// The services, by name: what is no tool crate, and not what services share.
///
/// # Errors
/// When cargo fails.
pub fn services() -> anyhow::Result<Vec<String>> {
    let names = packages()?.into_iter().map(|package| package.name);
    Ok(names.filter(|name| name != "shared" && tools().all(|tool| tool != name)).collect())
}

pub fn check() -> anyhow::Result<Vec<Finding>> {
    Ok(packages()?.iter().flat_map(forbidden).collect())
}

/// The crates of this checkout.
fn packages() -> anyhow::Result<Vec<Package>> {
    let metadata = Command::new("cargo").args(["metadata", "--no-deps", "--format-version=1"]).output()?;
    ensure!(metadata.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&metadata.stderr));
    let Metadata { packages } = serde_json::from_slice(&metadata.stdout).context("cargo metadata")?;
    Ok(packages)
}

/// The dependencies that `package` must not have.
fn forbidden(package: &Package) -> Vec<Finding> {
    let Package { name, dependencies } = package;
    let ours = dependencies.iter().filter(|dependency| dependency.path.is_some());
    ours.filter(|dependency| !is_allowed(name, dependency))
        .map(|dependency| Finding {
            place: format!("crates/{name}/Cargo.toml"),
            wrong: format!("{name} must not depend on {}", dependency.name),
            advice: "Move the code to the crate that may use both, or pass in what it needs.".to_owned(),
            heading: "layers",
        })
        .collect()
}

fn is_allowed(name: &str, dependency: &Dependency) -> bool {
    let is_built_for_learners = dependency.kind.is_none() && !dependency.optional;
    match TOOLS.iter().find(|(tool, _)| *tool == name) {
        Some((_, allowed)) => {
            allowed.contains(&dependency.name.as_str())
                || dependency.name == "testkit" && dependency.kind.as_deref() == Some("dev")
        }
        None if is_built_for_learners => dependency.name == "shared",
        None => SERVICE.contains(&dependency.name.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, on: &str, kind: Option<&str>) -> Package {
        let kind = kind.map(str::to_owned);
        let path = Some(String::new());
        let dependencies = vec![Dependency { name: on.to_owned(), kind, optional: false, path }];
        Package { name: name.to_owned(), dependencies }
    }

    #[test]
    fn no_tool_may_use_one_that_stands_below_it() {
        for (at, (name, allowed)) in TOOLS.iter().enumerate() {
            for used in *allowed {
                assert!(TOOLS[..at].iter().any(|(above, _)| above == used), "{name} -> {used}");
            }
        }
    }

    #[test]
    fn an_arrow_upward_is_found() {
        for (name, on, kind, count) in [
            ("observe", "project", None, 0),
            ("observe", "engine", None, 1),
            ("observe", "engine", Some("dev"), 1),
            ("observe", "testkit", Some("dev"), 0),
            ("observe", "testkit", None, 1),
            ("feed", "shared", None, 0),
            ("feed", "tasks", None, 1),
            ("feed", "loadgen", None, 1),
            ("feed", "loadgen", Some("dev"), 0),
            ("shared", "lab", Some("dev"), 1),
        ] {
            assert_eq!(forbidden(&package(name, on, kind)).len(), count, "{name} -> {on}");
        }
    }
}
