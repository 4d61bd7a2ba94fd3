//! How far a learner is: `.lab/progress.json`. One plain file, keyed by the stable ids of lessons and goals, so that it
//! can be read, moved to another machine and kept through updates.

use std::{collections::BTreeMap, fs, io, path::Path};

use anyhow::Context;
use project::{self, Scenario};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::classroom::Classroom;

const FILE: &str = "progress.json";

/// Of all lessons, by `scenario-N`.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Progress {
    /// Those that were begun.
    #[serde(default)]
    pub lessons: BTreeMap<String, Lesson>,
    /// Fields written by another version of the lab.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Of one lesson.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Lesson {
    /// How often it was checked.
    #[serde(default)]
    pub checks: u32,
    /// Promises and goals that were reached, each with its first time in seconds of Unix time.
    #[serde(default)]
    pub reached: BTreeMap<String, u64>,
    /// When all of them were reached in one check, for the first time.
    #[serde(default)]
    pub done_unix_s: Option<u64>,
    /// Hints that were asked for, by topic.
    #[serde(default)]
    pub hints: BTreeMap<String, usize>,
    /// Fields written by another version of the lab.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Progress {
    /// The saved progress; empty when there is no file yet.
    ///
    /// # Errors
    /// When there is one that cannot be read: it is left as it is.
    pub fn read(lab_dir: &Path) -> anyhow::Result<Self> {
        let path = lab_dir.join(FILE);
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
            Ok(text) => serde_json::from_slice(&text).with_context(|| {
                format!("{} cannot be used; fix it, or delete it to start over", path.display())
            }),
        }
    }

    /// The lesson of `scenario`.
    pub fn lesson(&mut self, scenario: &Scenario) -> &mut Lesson {
        self.lessons.entry(format!("scenario-{}", scenario.number)).or_default()
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, lab_dir: &Path) -> anyhow::Result<()> {
        project::write_json(&lab_dir.join(FILE), self)
    }
}

/// Whether the solution of `scenario` is still locked: `classroom.toml` locks it, and the lesson is not done.
///
/// # Errors
/// When a file that decides it cannot be used.
pub fn is_locked(scenario: &Scenario) -> anyhow::Result<bool> {
    let classroom = Classroom::read(&scenario.root)?;
    let is_done = Progress::read(&scenario.lab_dir)?.lesson(scenario).done_unix_s.is_some();
    Ok(classroom.lock_solutions && !is_done)
}
