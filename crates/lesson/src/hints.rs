//! `docs/scenario-N/hints/<topic>.md`: four hints each, from a question to the answer.

use std::{fs, path::Path};

use anyhow::{Context, ensure};

/// From a question to the answer. Each is a heading of the hints' files.
pub const LEVELS: [&str; 4] = ["Nudge", "Where", "What", "Diff"];

/// The four hints of a file.
///
/// # Errors
/// When it has not these four headings, in this order.
pub fn read(path: &Path) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let sections = format!("\n{text}");
    let sections: Vec<_> = sections.split("\n## ").skip(1).map(|section| section.split_once('\n')).collect();
    let titles: Vec<_> = sections.iter().flatten().map(|(title, _)| title.trim()).collect();
    ensure!(titles == LEVELS, "{} has the headings {titles:?}, not {LEVELS:?}", path.display());
    Ok(sections.into_iter().flatten().map(|(_, text)| text.trim().to_owned()).collect())
}
