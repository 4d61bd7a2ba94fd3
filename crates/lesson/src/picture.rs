//! The picture of a lesson's front page.

use serde::Deserialize;

/// A lesson at a glance, with figures that `cargo xtask pictures` measures.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// The stage that is broken.
    pub before: String,
    /// The reason, in a sentence.
    pub why: String,
    /// The stage that is not.
    pub after: String,
    /// What was changed, in a few words.
    pub fix: String,
}
