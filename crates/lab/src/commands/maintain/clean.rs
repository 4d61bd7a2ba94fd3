//! `lab clean`: shows what the lab keeps on the disk, and removes what it can make again.

use std::{
    env,
    fmt::{self, Display, Formatter},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};
use engine::{data_dir, docker};
use project::{Project, Scenario};
use serde::Serialize;

/// What only the learner can make again: load tests and what was written about them.
const RESULTS: [&str; 3] = ["runs", "reports", "climbs"];

/// What is kept on the disk.
#[derive(Debug, Serialize)]
pub struct Cleaned {
    removed: bool,
    items: Vec<Item>,
}

/// What is removed.
#[derive(Debug, Serialize)]
struct Item {
    what: &'static str,
    path: PathBuf,
    /// `None` of what Docker keeps: `docker system df` knows.
    bytes: Option<u64>,
}

/// Removes data, logs, builds and copies of the checkout, and with `all` the saved load tests; with `dry_run` it only
/// looks. Progress, predictions, the starter's files and those that `lab reset` has kept stay.
///
/// # Errors
/// When a scenario runs, or a folder cannot be removed.
pub fn run(project: &Project, all: bool, dry_run: bool) -> anyhow::Result<Cleaned> {
    let scratch = project.lab_dir.join("scratch");
    let copy = Project { root: scratch.clone(), lab_dir: scratch.join(".lab") };
    let scenarios: Vec<_> =
        [project, &project.parallel(), &copy].iter().flat_map(|each| each.scenarios()).collect();
    let mut locks = Vec::new();
    for scenario in scenarios.iter().filter(|scenario| !dry_run && scenario.dir().exists()) {
        let change = scenario.begin_change()?;
        let Some(lock) = scenario.try_lock()? else {
            bail!(
                "scenario {} is running; run `cargo lab down --all`, then `cargo lab clean`",
                scenario.number
            )
        };
        locks.push((change, lock));
    }
    let mut folders = vec![
        (
            "programs",
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| project.root.join("target"), PathBuf::from),
        ),
        ("copy of the checkout", scratch),
        ("smoke tests", project.parallel().lab_dir),
    ];
    folders.extend(scenarios.iter().map(|scenario| ("data", data_dir::outside(scenario))));
    for scenario in project.scenarios() {
        folders.extend(in_lab(&scenario, all)?);
    }
    let mut items = Vec::new();
    for (what, path) in folders.into_iter().filter(|(_, path)| path.exists()) {
        items.push(Item { what, bytes: Some(size(&path)?), path });
    }
    for scenario in &scenarios {
        let file = docker::file(scenario);
        if !file.exists() {
            continue;
        }
        if !dry_run {
            docker::remove(scenario, true)?;
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
        items.push(Item { what: "containers, images", bytes: None, path: file });
    }
    if !dry_run {
        for Item { path, .. } in items.iter().filter(|item| item.bytes.is_some()) {
            fs::remove_dir_all(path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(Cleaned { removed: !dry_run, items })
}

/// The folders of a scenario that are removed.
fn in_lab(scenario: &Scenario, all: bool) -> anyhow::Result<Vec<(&'static str, PathBuf)>> {
    let mut folders = Vec::new();
    if !scenario.dir().exists() {
        return Ok(folders);
    }
    for entry in fs::read_dir(scenario.dir())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_result = RESULTS.contains(&&*name);
        if entry.file_type()?.is_dir() && !name.starts_with("reset-") && (all || !is_result) {
            folders.push((if is_result { "load tests" } else { "data and logs" }, entry.path()));
        }
    }
    folders.sort();
    Ok(folders)
}

/// The bytes that a folder has on the disk, hard links counted once.
fn size(path: &Path) -> anyhow::Result<u64> {
    let output = Command::new("du").args(["--summarize", "--block-size=1"]).arg(path).output();
    let output = output.context("cannot run du")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let bytes = text.split_whitespace().next().and_then(|bytes| bytes.parse().ok());
    bytes
        .with_context(|| format!("du {}: {}", path.display(), String::from_utf8_lossy(&output.stderr).trim()))
}

impl Display for Cleaned {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for Item { what, path, bytes } in &self.items {
            let bytes = bytes.map(format::bytes).unwrap_or_default();
            writeln!(f, "  {bytes:>8}  {what:<20}  {}", path.display())?;
        }
        let sum = format::bytes(self.items.iter().filter_map(|item| item.bytes).sum());
        match self.removed {
            true => write!(f, "removed {sum}; the next start builds and seeds again"),
            false => write!(f, "{sum} would be removed; remove them with: cargo lab clean"),
        }
    }
}
