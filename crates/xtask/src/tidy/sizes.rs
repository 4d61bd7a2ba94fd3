//! Limits for files, folders and crates: what is too large to read at once holds more than one idea.

use std::collections::BTreeMap;

use super::{Finding, files, layers};
use crate::files::read;

/// Lines of a source file, tests included.
const FILE_MAX_LINES: usize = 250;

/// Sources in one folder of a tool crate.
const FOLDER_MAX_FILES: usize = 20;

/// Lines in `src` of a tool crate.
const CRATE_MAX_LINES: usize = 6_000;

/// The same of `lab`, which only reads arguments, calls the other crates and prints.
const LAB_MAX_LINES: usize = 3_000;

pub fn check() -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut add = |place: &str, count: usize, unit: &str, limit: usize, advice: &str| {
        if count > limit {
            findings.push(Finding {
                place: place.to_owned(),
                wrong: format!("{count} {unit}, more than {limit}"),
                advice: advice.to_owned(),
                heading: "sizes",
            });
        }
    };
    for source in files("crates/*.rs")? {
        add(&source, read(&source)?.lines().count(), "lines", FILE_MAX_LINES, "Split it by meaning.");
    }
    for name in layers::tools() {
        let mut lines = 0;
        let mut folders: BTreeMap<String, usize> = BTreeMap::new();
        for source in files(&format!("crates/{name}/src/*.rs"))? {
            lines += read(&source)?.lines().count();
            let folder = source.rsplit_once('/').map_or("", |(folder, _)| folder);
            *folders.entry(folder.to_owned()).or_default() += 1;
        }
        let limit = if name == "lab" { LAB_MAX_LINES } else { CRATE_MAX_LINES };
        add(&format!("crates/{name}/src"), lines, "lines", limit, "Move a part into a crate below it.");
        for (folder, count) in folders {
            let advice = "Group the files by meaning, a folder per group.";
            add(&folder, count, "sources in one folder", FOLDER_MAX_FILES, advice);
        }
    }
    Ok(findings)
}
