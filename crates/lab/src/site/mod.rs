//! The lab's own page: one web server per scenario, on 127.0.0.1. It shows what runs, does what the commands do, and
//! renders everything itself: the script in the browser only fetches parts of a page anew.

mod server;
mod guard;
mod failure;
mod routes;
mod shell;
mod pages;
mod parts;
mod lesson;
mod addresses;
mod places;
mod file;
mod answers;
mod figures;
mod tables;
mod cells;
mod fill;
mod tasks;
mod source;
mod load;
mod guess;
mod goals;
mod hints;
mod history;
mod system;
mod logs;
mod bar;
mod pulse;
mod watch;
mod actions;
mod commands;
mod given;
mod metrics;
mod scout;
mod jobs;

pub use server::run;

use std::{
    path::PathBuf,
    sync::{Mutex, atomic::AtomicBool},
};

use crate::{
    commands::runs::{self, SavedRun},
    project::Scenario,
};
use jobs::Jobs;
use metrics::Metrics;
use pulse::Pulse;

/// What every request may look at.
pub struct Site {
    /// Whose page this is.
    pub scenario: Scenario,
    /// What was started from the page.
    pub jobs: Jobs,
    /// What Prometheus is told.
    pub metrics: Metrics,
    /// Who does not answer.
    pub pulse: Pulse,
    /// Whether it is checked again whenever something changes.
    pub watches: AtomicBool,
    /// The table of the runs, until there is another run.
    pub results: Mutex<history::Kept>,
}

impl Site {
    /// The lesson's text, which is the learner's to write in.
    pub fn lesson_file(&self) -> PathBuf {
        self.scenario.docs().join("SCENARIO.md")
    }

    /// The last runs, the last first: as many as anybody chooses from.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn last_runs(&self) -> anyhow::Result<Vec<SavedRun>> {
        Ok(runs::all(&self.scenario)?.into_iter().rev().take(20).collect())
    }
}
