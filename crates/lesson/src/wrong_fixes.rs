//! `docs/scenario-N/wrong-fixes.toml`: what a learner may try first, and how `lab check` must judge it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::read_toml;

/// The states of a lesson's system that `lab check` must not pass.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrongFixes {
    /// The expected verdict on the system as it came.
    pub starter: Expected,
    /// Wrong turns and first steps.
    pub wrong_fixes: Vec<WrongFix>,
}

/// A verdict of `lab check`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Promises and goals that it fails, the first of all first.
    pub fails: Vec<String>,
    /// Those that it reaches.
    #[serde(default)]
    pub reaches: Vec<String>,
}

/// A change to the system that does not make the lesson done.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrongFix {
    /// Stable name.
    pub id: String,
    /// As people say it.
    pub title: String,
    /// Whether it starts from the reference solution; from the starter otherwise.
    #[serde(default)]
    pub on_solution: bool,
    /// Files that are replaced, and by what; both from the checkout's top.
    #[serde(default)]
    pub files: BTreeMap<PathBuf, PathBuf>,
    /// Texts that are replaced after that.
    #[serde(default)]
    pub edits: Vec<Edit>,
    /// The SQL for the database.
    pub sql: Option<String>,
    /// Whether the lesson's own fix is applied to it.
    #[serde(default)]
    pub fixed_database: bool,
    /// The expected verdict of `lab check`.
    #[serde(flatten)]
    pub expected: Expected,
}

/// A text in a file, and what takes its place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// From the checkout's top.
    pub file: PathBuf,
    /// Is in there once.
    pub from: String,
    /// Its successor.
    pub to: String,
}

impl WrongFixes {
    /// Reads those of the lesson in the folder `docs`.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub fn read(docs: &Path) -> anyhow::Result<Self> {
        read_toml(&docs.join("wrong-fixes.toml"))
    }
}
