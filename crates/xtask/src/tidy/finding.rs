//! One place that breaks a rule.

use std::fmt::{self, Display, Formatter};

/// Explains itself in one line: where, what is wrong, what to do, and where the rule is written.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, with the line where there is one.
    pub place: String,
    /// What is wrong.
    pub wrong: String,
    /// What to do, as an imperative.
    pub advice: String,
    /// The heading in `docs/style.md`, as an anchor.
    pub heading: &'static str,
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { place, wrong, advice, heading } = self;
        write!(f, "{place}: {wrong}. {advice} (docs/style.md#{heading})")
    }
}
