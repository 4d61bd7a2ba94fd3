//! The compiler's warnings about the learner's programs. `lab up` writes them after its build, and the supervisor after it
//! has built a saved change.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Scenario, store};

/// The name of the log that holds them in full: `cargo lab logs build`.
pub const LOG: &str = "build";

/// One warning.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Warning {
    /// What it warns of, in a line: ``unused variable: `db` ``.
    pub message: String,
    /// Where: `crates/feed/src/handlers.rs:12`.
    pub place: String,
    /// As the compiler shows it.
    pub rendered: String,
}

/// The warnings of the last build that succeeded.
pub fn read(scenario: &Scenario) -> Vec<Warning> {
    store::read_json(&path(scenario)).unwrap_or_default()
}

/// Replaces those of the build before.
///
/// # Errors
/// When they cannot be written.
pub fn write(scenario: &Scenario, warnings: &[Warning]) -> anyhow::Result<()> {
    store::write_json(&path(scenario), &warnings)
}

/// How many there are, and the first; `None` without warnings. What shows all of them comes after it.
pub fn in_words(warnings: &[Warning]) -> Option<String> {
    let first = warnings.first()?;
    let Warning { message, place, .. } = first;
    Some(match warnings.len() {
        1 => format!("The compiler warns of your program: {message} ({place}). See it with"),
        count => {
            format!(
                "The compiler has {count} warnings for your program; the first: {message} ({place}). See all with"
            )
        }
    })
}

fn path(scenario: &Scenario) -> PathBuf {
    scenario.dir().join("warnings.json")
}
