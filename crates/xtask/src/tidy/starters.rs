//! The sums of the files that a learner edits are those of the files.

use std::{collections::BTreeSet, fs, path::PathBuf};

use anyhow::Context;
use compose::Compose;
use project::{Project, Scenario, starter};

use super::{Finding, files};

pub fn check(project: &Project) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for scenario in project.scenarios() {
        let list = scenario.starter_list();
        if fs::read_to_string(&list).ok().as_ref() != Some(&sums(&scenario)?) {
            findings.push(Finding {
                place: list.strip_prefix(&project.root)?.display().to_string(),
                wrong: "it does not have the sums of the files that a learner edits".to_owned(),
                advice: "Run `cargo xtask starters`.".to_owned(),
                heading: "starters",
            });
        }
    }
    Ok(findings)
}

/// What `sha256sum` prints of the compose file, the rooms, and all sources of the service.
///
/// # Errors
/// When the lesson or a file cannot be read.
pub fn sums(scenario: &Scenario) -> anyhow::Result<String> {
    let lesson = scenario.lesson()?;
    let compose = Compose::read(&scenario.root.join(scenario.compose_file()), |_| None)?;
    let mut names = BTreeSet::from([scenario.compose_file()]);
    names.extend(lesson.rooms.into_iter().map(|room| room.starter));
    for build in compose.builds() {
        names.extend(files(&format!("crates/{}/src/*", build.package))?.into_iter().map(PathBuf::from));
    }
    let line = |name: PathBuf| {
        let bytes = fs::read(&name).with_context(|| format!("cannot read {}", name.display()))?;
        Ok(format!("{}  {}\n", starter::sum(&bytes), name.display()))
    };
    names.into_iter().map(line).collect()
}
