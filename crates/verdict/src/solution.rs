//! What the reference solution of a lesson changes.

use std::{
    fmt::{self, Display, Formatter},
    fs,
};

use anyhow::Context;
use format::counted;
use lesson::Room;
use project::Scenario;
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

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

/// Compares the learner's files, as they are now, with those of the reference.
///
/// # Errors
/// When a file cannot be read.
pub fn diff(scenario: &Scenario) -> anyhow::Result<Solution> {
    let mut solution = Solution { diff: String::new(), changed_lines: 0, most_in_a_file: 0 };
    for Room { starter, solution: reference } in &scenario.lesson()?.rooms {
        let read = |path| fs::read_to_string(scenario.root.join(path)).with_context(|| format!("{path:?}"));
        // Where the learner has split or renamed the file, the whole reference is new.
        let is_there = scenario.root.join(starter).exists();
        let (old, new) = (if is_there { read(starter)? } else { String::new() }, read(reference)?);
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
            return f.write_str("Your files match the reference solution.");
        }
        write!(f, "{}\n{} changed.", self.diff, counted(self.changed_lines as f64, "line"))
    }
}
