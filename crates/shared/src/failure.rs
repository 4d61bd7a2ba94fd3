//! One of the things that are wrong with an input.

use std::fmt;

use serde::Serialize;

/// What is wrong, and where.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    path: String,
    message: String,
}

impl Failure {
    /// `path` names the field; the empty one is the input as a whole.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}
