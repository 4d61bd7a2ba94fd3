//! The lab's own page: one web server per scenario, on 127.0.0.1. It shows what runs, does what the commands do, and
//! renders everything itself: the script in the browser only fetches parts of a page anew.

mod server;
mod guard;
mod failure;
mod routes;
mod shell;
mod pages;
mod parts;
mod load;
mod goals;
mod actions;
mod commands;
mod jobs;

pub use server::run;

use crate::project::Scenario;
use jobs::Jobs;

/// What every request may look at.
pub struct Site {
    /// Whose page this is.
    pub scenario: Scenario,
    /// What was started from the page.
    pub jobs: Jobs,
}
