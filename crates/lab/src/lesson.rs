//! `docs/scenario-N/lesson.toml`: what a lesson loads, claims and explains. The engines know no lesson by name.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::project::Scenario;

/// Runs are compared block by block; five give an exact test enough to permute.
const BLOCKS: u32 = 5;

/// One lesson.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// As the learner reads it.
    pub title: String,
    /// The load test.
    pub load: Load,
    /// The query and its fix.
    pub database: Database,
    /// What the reference solution replaces.
    pub rooms: Vec<Room>,
    /// The states of the system that the lesson goes through, in order.
    pub stages: Vec<Stage>,
    /// What is claimed of them.
    pub claims: Vec<Claim>,
}

/// The load test of a lesson.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// The service of the compose file that is loaded.
    pub service: String,
    /// Users, each with one request under way at a time.
    pub users: usize,
    /// Length of the measurement.
    pub duration_s: u64,
    /// Load before it that is not measured.
    pub warm_up_s: u64,
    /// How long a user waits for an answer.
    pub timeout_s: u64,
    /// What they ask for.
    pub endpoints: Vec<loadgen::Endpoint>,
}

/// The database of a lesson.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// The service of the compose file.
    pub service: String,
    /// The table whose scan matters.
    pub table: String,
    /// The query that `lab explain` explains, as the service sends it.
    pub query: String,
    /// What `lab apply-fix` runs, from the checkout's top.
    pub fix: PathBuf,
}

/// A file of the learner's and the one of the reference solution, from the checkout's top.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Room {
    /// What the learner edits.
    pub starter: PathBuf,
    /// What it becomes.
    pub solution: PathBuf,
}

/// A state of the system.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Stable name.
    pub id: String,
    /// As the learner reads it.
    pub title: String,
    /// Which program runs.
    pub variant: Variant,
    /// Whether `fix.sql` was applied.
    #[serde(default)]
    pub fixed_database: bool,
}

/// Something that the lesson's text says of a stage, and a load test can refute.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Stable name.
    pub id: String,
    /// In which stage.
    pub stage: String,
    /// What is measured.
    pub measure: Measure,
    /// The measure, divided by that of this stage.
    pub relative_to: Option<String>,
    /// Lower limit.
    pub at_least: Option<f64>,
    /// Upper limit.
    pub at_most: Option<f64>,
}

/// What a claim is about.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Share of the started requests that succeeded, 0 to 1.
    SuccessRate,
    /// Successes per second.
    OkPerS,
}

/// The learner's program, or the reference solution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    /// What the learner reads and edits.
    #[default]
    Starter,
    /// The reference.
    Solution,
}

impl Lesson {
    /// Reads the lesson of `scenario`.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub fn read(scenario: &Scenario) -> anyhow::Result<Self> {
        let path = scenario.docs().join("lesson.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} cannot be used", path.display()))
    }
}

impl Load {
    /// The plan of this load test against a service on 127.0.0.1.
    pub fn plan(&self, port: u16, users: usize, duration: Duration) -> loadgen::Plan {
        loadgen::Plan {
            target: format!("127.0.0.1:{port}"),
            endpoints: self.endpoints.clone(),
            users,
            warm_up: Duration::from_secs(self.warm_up_s),
            duration,
            timeout: Duration::from_secs(self.timeout_s),
            blocks: BLOCKS,
            threads: loadgen::default_threads(),
            seed: 1,
        }
    }
}
