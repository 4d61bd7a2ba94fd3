//! `docs/scenario-N/lesson.toml`: what a lesson loads, claims and explains. The engines know no lesson by name.

pub mod limits;
mod variant;
mod measure;
mod figure;
mod picture;
pub mod goals;
pub mod wrong_fixes;
pub mod hints;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use loadgen::Endpoint;
use serde::{Deserialize, de::DeserializeOwned};

pub use self::{
    figure::{Figure, Figures},
    goals::Goals,
    limits::Limits,
    measure::Measure,
    picture::Picture,
    variant::Variant,
    wrong_fixes::WrongFixes,
};

/// Runs are compared block by block; five give an exact test enough to permute.
const BLOCKS: u32 = 5;

/// One lesson.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// As the learner reads it.
    pub title: String,
    /// How long a learner needs for it, about.
    pub minutes: Option<u32>,
    /// The load test.
    pub load: Load,
    /// The query and its fix.
    pub database: Database,
    /// What the reference solution replaces.
    pub rooms: Vec<Room>,
    /// The states of the system that the lesson goes through, in order.
    pub stages: Vec<Stage>,
    /// What the picture of the lesson's front page shows; `None` for a lesson without one.
    pub picture: Option<Picture>,
    /// The claims about them.
    pub claims: Vec<Claim>,
    /// What a run fills in the tables of the text.
    #[serde(default)]
    pub figures: Figures,
}

/// The load test of a lesson.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// The service of the compose file that is loaded.
    pub service: String,
    /// The load balancer, which is loaded instead once the compose file has it.
    pub through: Option<String>,
    /// Users, each with one request under way at a time.
    #[serde(deserialize_with = "limits::within::<_, 1, { limits::MOST_USERS }, _>")]
    pub users: usize,
    /// Length of the measurement.
    #[serde(deserialize_with = "limits::within::<_, 1, { limits::LONGEST_S }, _>")]
    pub duration_s: u64,
    /// Load before it that is not measured.
    #[serde(deserialize_with = "limits::within::<_, 0, { limits::LONGEST_S }, _>")]
    pub warm_up_s: u64,
    /// How long a user waits for an answer.
    #[serde(deserialize_with = "limits::within::<_, 1, { limits::LONGEST_S }, _>")]
    pub timeout_s: u64,
    /// Whether the data are brought back to their start before each run, so that runs compare.
    #[serde(default)]
    pub fresh_data: bool,
    /// Whether another client asks the database for a connection once a second.
    #[serde(default)]
    pub probe: bool,
    /// What a user writes and reads back meanwhile, to see whether the answers know of it.
    pub freshness: Option<Freshness>,
    /// Their requests. One of weight 0 is sent only when it is named.
    pub endpoints: Vec<Endpoint>,
}

/// The write, and the read that must show it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freshness {
    /// In its body `{mark}` is another text each time.
    pub write: Endpoint,
    /// Its answer holds that text, unless it is stale.
    pub read: Endpoint,
    /// The lists that one user reads before the load, without writes.
    pub browse: Option<Endpoint>,
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
    /// What `lab apply-fix` runs, from the checkout's top; `None` when the fix is not SQL.
    pub fix: Option<PathBuf>,
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
    /// Each file and its replacement, in addition to the variant's; both from the checkout's top.
    #[serde(default)]
    pub files: BTreeMap<PathBuf, PathBuf>,
    /// Whether `fix.sql` was applied.
    #[serde(default)]
    pub fixed_database: bool,
    /// The only endpoint to load; without it all of them, by their weights.
    pub only: Option<String>,
    /// Users at once, where they differ from the lesson's.
    #[serde(default, deserialize_with = "limits::optional::<_, 1, { limits::MOST_USERS }, _>")]
    pub users: Option<usize>,
}

/// A statement of the lesson's text about a stage, which a load test can refute.
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

impl Lesson {
    /// Reads the lesson in the folder `docs`.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub fn read(docs: &Path) -> anyhow::Result<Self> {
        read_toml(&docs.join("lesson.toml"))
    }

    /// What `variant` reads instead of the learner's files. That matters for files that are not compiled: a program is
    /// chosen by its name.
    pub fn stand_ins(&self, variant: &Variant) -> BTreeMap<PathBuf, PathBuf> {
        let rooms = self.rooms.iter().filter(|_| variant.is_solution());
        rooms.map(|room| (room.starter.clone(), room.solution.clone())).collect()
    }
}

impl Claim {
    /// Whether it needs a measurement of `stage`.
    pub fn is_about(&self, stage: &str) -> bool {
        self.stage == stage || self.relative_to.as_deref() == Some(stage)
    }
}

impl Load {
    /// The plan of this load test against 127.0.0.1: of all endpoints that have a weight, or of `only` one.
    ///
    /// # Errors
    /// When there is no endpoint of that name.
    pub fn plan(
        &self,
        port: u16,
        only: Option<&str>,
        users: usize,
        duration: Duration,
    ) -> anyhow::Result<loadgen::Plan> {
        let mut endpoints = self.endpoints.clone();
        match only {
            None => endpoints.retain(|endpoint| endpoint.weight > 0),
            Some(name) => {
                endpoints.retain(|endpoint| endpoint.name == name);
                endpoints.iter_mut().for_each(|endpoint| endpoint.weight = 1);
                let names: Vec<_> = self.endpoints.iter().map(|endpoint| &*endpoint.name).collect();
                ensure!(
                    !endpoints.is_empty(),
                    "there is no endpoint `{name}`; there is {}",
                    names.join(", ")
                );
            }
        }
        Ok(loadgen::Plan {
            target: format!("127.0.0.1:{port}"),
            endpoints,
            users,
            rate_per_s: None,
            warm_up: Duration::from_secs(self.warm_up_s),
            duration,
            timeout: Duration::from_secs(self.timeout_s),
            blocks: BLOCKS,
            threads: loadgen::default_threads(),
            seed: 1,
        })
    }
}

/// Reads a file of a lesson.
///
/// # Errors
/// Names the file, the line and the key.
fn read_toml<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("{} cannot be used", path.display()))
}

/// Reads the text of a file of a lesson: a [`Lesson`], [`Goals`] or [`WrongFixes`].
///
/// # Errors
/// Names the line and the key.
pub fn parse<T: DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    Ok(toml::from_str(text)?)
}
