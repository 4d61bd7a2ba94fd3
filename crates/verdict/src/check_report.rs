//! The report of a check: written by `lab check`, read by hints, the page and the progress.

use std::{
    fmt::{self, Display, Formatter},
    fs,
    path::PathBuf,
    time::SystemTime,
};

use format::is_or_are;
use project::{Scenario, store};
use serde::{Deserialize, Serialize};

use crate::{
    claims::Verdict,
    judge::{GoalResult, Whose},
};

/// Of the file and of `lab check --json`.
const VERSION: u32 = 2;

/// How often a check that watches for changes is made again where the machine was too busy to tell.
pub const RETRIES: u32 = 3;

/// What is said beside a verdict that is older than the last change.
pub const STALE: &str = "before your last change: check again";

/// A verdict per promise and goal.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CheckReport {
    /// Of this object; 1 in those before it was written down.
    #[serde(default = "first_version")]
    version: u32,
    /// What the lesson is called.
    #[serde(default)]
    pub title: String,
    /// What was checked, as [`system_hash`](observe::run_identity::system_hash) has it; `None` where that is
    /// not known.
    #[serde(default)]
    pub system: Option<String>,
    /// The worst of all.
    pub verdict: Verdict,
    /// In the lesson's order: causes before symptoms. Before version 2 they were called claims.
    #[serde(alias = "claims")]
    pub goals: Vec<GoalResult>,
}

fn first_version() -> u32 {
    1
}

impl CheckReport {
    /// The report of `goals`, as they were found in `system`.
    pub fn new(title: String, system: Option<String>, goals: Vec<GoalResult>) -> Self {
        let verdict = goals.iter().map(|goal| goal.verdict).max().unwrap_or(Verdict::Inconclusive);
        Self { version: VERSION, title, system, verdict, goals }
    }

    /// The last report of `scenario`, and when it was written; `None` when there is none that can be read.
    pub fn last(scenario: &Scenario) -> Option<(Self, SystemTime)> {
        let path = path(scenario);
        Some((store::read_json(&path)?, fs::metadata(&path).ok()?.modified().ok()?))
    }

    /// Keeps it as the last one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, scenario: &Scenario) -> anyhow::Result<()> {
        store::write_json(&path(scenario), self)
    }

    /// Whether something has changed since: `now` is what runs.
    pub fn is_stale(&self, now: &str) -> bool {
        self.system.as_ref().is_some_and(|checked| checked != now)
    }

    /// How many goals are reached.
    pub fn reached(&self) -> usize {
        self.goals.iter().filter(|goal| goal.verdict == Verdict::Pass).count()
    }

    /// Whether the machine kept a goal from being judged: then another check of the same system may tell.
    pub fn may_differ_next_time(&self) -> bool {
        let undecided = |goal: &GoalResult| goal.verdict == Verdict::Inconclusive;
        self.goals.iter().any(|goal| undecided(goal) && goal.whose == Some(Whose::TheMachine))
    }

    /// The summary and the next step.
    pub fn conclusion(&self) -> String {
        let reached = self.reached();
        let Self { verdict, goals, .. } = self;
        match goals.iter().find(|goal| goal.verdict == *verdict && *verdict != Verdict::Pass) {
            None => format!(
                "PASS: all {reached} {} reached. Fill in the lesson's table, with: make results",
                is_or_are(reached)
            ),
            Some(first) => format!(
                "{verdict}: {reached} of {} {} reached. Begin with \"{}\".\nNext: {} (stuck? make hint)",
                goals.len(),
                is_or_are(reached),
                first.title,
                first.next.as_deref().unwrap_or("make check")
            ),
        }
    }
}

impl Display for CheckReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.title)?;
        self.goals.iter().try_for_each(|goal| writeln!(f, "{goal}"))?;
        write!(f, "\n{}", self.conclusion())
    }
}

fn path(scenario: &Scenario) -> PathBuf {
    scenario.dir().join("check.json")
}
