//! `lab solution`: what the reference solution changes.

use std::{
    fmt::{self, Display, Formatter},
    fs,
};

use anyhow::{Context, ensure};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::{
    lesson::{Lesson, Room},
    progress,
    project::Scenario,
};

/// A diff.
#[derive(Debug, Serialize)]
pub struct Solution {
    /// In unified format.
    pub diff: String,
    /// Lines added and lines removed.
    pub changed_lines: usize,
    /// In the file in which that is the most.
    pub most_in_a_file: usize,
}

/// Compares the learner's rooms, as they are now, with those of the reference.
///
/// # Errors
/// When a file cannot be read, or an instructor has locked solutions.
pub fn run(scenario: &Scenario) -> anyhow::Result<Solution> {
    ensure!(
        !progress::is_locked(scenario)?,
        "the solution is locked until your own passes; next: make check, and make hint"
    );
    diff(scenario)
}

/// The difference itself.
///
/// # Errors
/// When a file cannot be read.
pub fn diff(scenario: &Scenario) -> anyhow::Result<Solution> {
    let mut solution = Solution { diff: String::new(), changed_lines: 0, most_in_a_file: 0 };
    for Room { starter, solution: reference } in &Lesson::read(scenario)?.rooms {
        let read = |path| fs::read_to_string(scenario.root.join(path)).with_context(|| format!("{path:?}"));
        let (old, new) = (read(starter)?, read(reference)?);
        let diff = TextDiff::from_lines(&old, &new);
        let changed = diff.iter_all_changes().filter(|line| line.tag() != ChangeTag::Equal).count();
        solution.changed_lines += changed;
        solution.most_in_a_file = solution.most_in_a_file.max(changed);
        let names = (starter.to_string_lossy(), reference.to_string_lossy());
        solution.diff += &diff.unified_diff().header(&names.0, &names.1).to_string();
    }
    Ok(solution)
}

impl Display for Solution {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.changed_lines == 0 {
            return f.write_str("Your files are those of the reference solution.");
        }
        write!(f, "{}\n{} lines change.", self.diff, self.changed_lines)
    }
}
