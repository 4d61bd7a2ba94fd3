//! Which parts have passed since the files last changed, so that an interrupted `test-all` can continue.

use std::{collections::BTreeMap, fs};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::test_part::Measured;

const FILE: &str = "target/xtask/passed.json";

/// The parts that have passed, for one state of the files.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Passed {
    /// The hash of all files.
    tree: String,
    parts: BTreeMap<String, Measured>,
}

impl Passed {
    /// Nothing has passed yet with these files.
    pub fn none(tree: String) -> Self {
        Self { tree, ..Self::default() }
    }

    /// What the last run left; nothing when files have changed since then.
    pub fn read(tree: String) -> Self {
        Self::parse(&fs::read_to_string(FILE).unwrap_or_default(), tree)
    }

    fn parse(text: &str, tree: String) -> Self {
        // No file, or one from another version of this program.
        let last: Self = serde_json::from_str(text).unwrap_or_default();
        if last.tree == tree { last } else { Self::none(tree) }
    }

    /// Whether everything has yet to run.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// What the part measured when it passed.
    pub fn get(&self, part: &str) -> Option<Measured> {
        self.parts.get(part).copied()
    }

    /// Notes that the part has passed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, part: &str, measured: Measured) -> anyhow::Result<()> {
        self.parts.insert(part.to_owned(), measured);
        fs::write(FILE, serde_json::to_string(self)?).with_context(|| format!("cannot write {FILE}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_a_file_starts_over() {
        let text = r#"{"tree":"abc","parts":{"smoke-1":{"seconds":61.5,"counts":{"passed":1,"failed":0,"skipped":0}}}}"#;
        let passed = |text, tree: &str| Passed::parse(text, tree.to_owned()).get("smoke-1").is_some();
        assert!(passed(text, "abc"));
        assert!(!passed(text, "def"));
        assert!(!passed("", ""));
    }
}
