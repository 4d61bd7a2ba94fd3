//! Which program of a scenario runs.

use serde::{Deserialize, Serialize};

/// Which program runs: the learner's own (`starter`), the reference (`solution`), or one of the lesson's wrong turns. In
/// the compose file `${VARIANT}` is what it adds to the program's name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Variant(String);

impl Default for Variant {
    fn default() -> Self {
        Self("starter".to_owned())
    }
}

impl From<&str> for Variant {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl Variant {
    /// Whether it is the learner's own program.
    pub fn is_starter(&self) -> bool {
        self.0 == "starter"
    }

    /// Whether it is the reference.
    pub fn is_solution(&self) -> bool {
        self.0 == "solution"
    }

    /// As in `feed-solution`; `None` for the starter.
    pub fn suffix(&self) -> Option<String> {
        (!self.is_starter()).then(|| format!("-{}", self.0))
    }

    /// For people.
    pub fn in_words(&self) -> &str {
        match &*self.0 {
            "starter" => "your program",
            "solution" => "the reference solution",
            other => other,
        }
    }
}
