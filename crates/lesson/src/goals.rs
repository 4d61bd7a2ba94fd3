//! `docs/scenario-N/check.toml`: goals of the finished system.

use std::{path::Path, time::Duration};

use loadgen::Endpoint;
use serde::Deserialize;

use crate::{Limits, Measure, limits, read_toml};

/// What `lab check` asks of a lesson's system.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goals {
    /// How long the system is loaded.
    #[serde(deserialize_with = "limits::within::<_, 1, { limits::LONGEST_S }, _>")]
    pub duration_s: u64,
    /// What holds whether it is fast or not. Kept first, or nothing else counts.
    pub promises: Vec<Promise>,
    /// Goals under load, causes before symptoms: the learner starts with the first that is not reached.
    pub goals: Vec<Goal>,
}

/// A correctness rule. `{mark}` in requests, `holds` and `undo` is replaced by a new text each time.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// Stable name.
    pub id: String,
    /// As the learner reads it.
    pub title: String,
    /// Sent first.
    pub write: Option<Endpoint>,
    /// How many clients send it, all at the same moment.
    #[serde(default = "one", deserialize_with = "limits::within::<_, 1, 1_000, _>")]
    pub clients: u32,
    /// A field of their answers in which no two are alike.
    pub differ_in: Option<String>,
    /// Whether all of them must be answered the same, byte for byte.
    #[serde(default)]
    pub alike: bool,
    /// Whether the server that has stored it is killed before it can answer.
    #[serde(default)]
    pub answer_is_lost: bool,
    /// Whether PostgreSQL crashes after that, and starts again.
    #[serde(default)]
    pub crash: bool,
    /// What the database counts differently in the end.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// Its answer holds the mark, or the list below, or is what `holds` asks about. In its path `{id}` is the one that
    /// the write was answered with.
    pub read: Option<Endpoint>,
    /// A list that the answer holds, and the rows that the database has in its place.
    pub list: Option<List>,
    /// A query that answers `true`; `{answer}` is what was read, as a literal.
    pub holds: Option<String>,
    /// Removes what was written, so that the check leaves the rows as they were. Only for a system that keeps no copy.
    pub undo: Option<String>,
    /// How often.
    #[serde(default = "one", deserialize_with = "limits::within::<_, 1, 1_000, _>")]
    pub times: u32,
    /// The likely cause when it is broken.
    pub cause: String,
    /// What to do then.
    pub next: String,
}

/// A number in the database that grows, or falls.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Answers the number.
    pub query: String,
    /// So much more than before; negative for less.
    pub by: i64,
}

/// A list in a JSON answer, and the query for its expected content.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Where it is, as a JSON pointer (RFC 6901).
    pub at: String,
    /// The field of each item that the query's first column is.
    pub field: String,
    /// In the same order.
    pub query: String,
}

/// Something that is measured.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// Stable name.
    pub id: String,
    /// As the learner reads it.
    pub title: String,
    /// What.
    pub measure: Measure,
    /// Divided by what.
    pub relative_to: Option<Base>,
    /// Lower limit.
    pub at_least: Option<f64>,
    /// Upper limit.
    pub at_most: Option<f64>,
    /// Whether missing it is inconclusive while the servers get less CPU than their cap because other programs use it.
    #[serde(default)]
    pub needs_cpu: bool,
    /// The likely cause below the limit.
    pub too_little: Option<String>,
    /// The likely cause above the limit.
    pub too_much: Option<String>,
    /// What to do then.
    pub next: String,
    /// The hints that lead to it: `docs/scenario-N/hints/<topic>.md`.
    pub hints: String,
}

/// What a figure of this machine is divided by, measured in the same check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// The lesson's first server alone, past the balancer.
    Alone,
    /// PostgreSQL without the service: the lesson's query, sent by 4 clients.
    Database,
}

impl Goals {
    /// Reads the goals of the lesson in the folder `docs`.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub fn read(docs: &Path) -> anyhow::Result<Self> {
        read_toml(&docs.join("check.toml"))
    }

    /// How long the system is loaded.
    pub fn duration(&self) -> Duration {
        Duration::from_secs(self.duration_s)
    }
}

impl Goal {
    /// Between what the number must be.
    pub fn limits(&self) -> Limits {
        Limits { at_least: self.at_least, at_most: self.at_most }
    }

    /// What the number is followed by.
    pub fn unit(&self) -> &'static str {
        match self.relative_to {
            None => self.measure.unit(),
            Some(Base::Alone) => "times one server alone",
            Some(Base::Database) => "times the database alone",
        }
    }
}

fn one() -> u32 {
    1
}
