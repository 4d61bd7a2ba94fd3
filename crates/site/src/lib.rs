//! The lab's own page: one web server per scenario, on 127.0.0.1. It shows what runs, does what the commands do, and
//! renders everything itself: the script in the browser only fetches parts of a page anew.

mod lesson_text;
mod background;
pub mod completion_record;
mod http;
mod failure;
mod query;
mod theme;
mod watch;
mod page_part;
mod load;
mod own_prediction;
mod goals;
mod lessons;
pub mod overview;
pub mod lesson_end;
mod hints;
mod history;
mod system;
mod logs;
mod request;
mod status_bar;

pub use crate::{
    http::{routes::patterns, server::run},
    lesson_text::answers,
};

use std::{
    path::PathBuf,
    sync::{Mutex, atomic::AtomicBool},
};

use lesson::Figures;
use observe::saved_runs::{self, SavedRun};
use project::Scenario;

use crate::background::{health_poll::HealthPoll, jobs::Jobs, metrics::Metrics};

/// What every request may look at.
pub struct Site {
    /// Whose page this is.
    pub scenario: Scenario,
    /// What was started from the page.
    pub jobs: Jobs,
    /// The metrics for Prometheus.
    pub metrics: Metrics,
    /// Who does not answer.
    pub health: HealthPoll,
    /// Whether it is checked again whenever something changes.
    pub watches: AtomicBool,
    /// Whether the last verdicts are stale.
    pub current_system: watch::CurrentSystem,
    /// The table of the runs, until there is another run.
    pub results: Mutex<history::Kept>,
}

impl Site {
    /// The lesson's text, which is the learner's to write in.
    pub fn lesson_file(&self) -> PathBuf {
        self.scenario.docs().join("SCENARIO.md")
    }

    /// What a run fills in the tables of the lesson.
    ///
    /// # Errors
    /// When the lesson cannot be read.
    pub fn figures(&self) -> anyhow::Result<Figures> {
        Ok(self.scenario.lesson()?.figures)
    }

    /// The latest runs, the newest first.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn last_runs(&self) -> anyhow::Result<Vec<SavedRun>> {
        Ok(saved_runs::all(&self.scenario)?.into_iter().rev().take(20).collect())
    }
}
