//! The learner's tables: those of the lesson whose cells wait for the figures of a load test. They are filled from a run
//! that the learner chooses, in the lesson's own file.

use std::{ops::Range, path::Path};

use anyhow::{Context, bail, ensure};
use lesson::Figures;
use observe::saved_runs::SavedRun;
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::lesson_text::{
    figures::figure,
    file,
    markdown::to_html,
    short_name::{Names, short_name},
};

/// A table, and where it is.
#[derive(Debug)]
pub struct Table {
    /// By its head.
    pub id: String,
    /// As it stands in the file.
    pub text: String,
    /// In bytes of the file.
    pub place: Range<usize>,
    /// What a run fills: a row each, or a column each.
    fills: Fills,
    /// Their names.
    pub names: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fills {
    Rows,
    Columns,
}

/// The learner's tables in `lesson`, in their order.
/// `figures` says by which names they are known.
pub fn find(lesson: &str, figures: &Figures) -> Vec<Table> {
    let (mut tables, mut ids) = (Vec::new(), Names::default());
    for (event, place) in Parser::new_ext(lesson, Options::ENABLE_TABLES).into_offset_iter() {
        let Event::Start(Tag::Table(_)) = event else { continue };
        let text = &lesson[place.clone()];
        let lines: Vec<Vec<&str>> =
            text.lines().map(|line| cells(line).map(|place| line[place].trim()).collect()).collect();
        let [head, _, rows @ ..] = &*lines else { continue };
        let first = |row: &Vec<&str>| row.first().copied().unwrap_or_default().to_owned();
        let (fills, names) = if head.iter().skip(1).any(|name| figures.contains_key(*name)) {
            (Fills::Rows, rows.iter().map(first).collect())
        } else if head.first().is_some_and(|name| name.is_empty())
            && rows.iter().any(|row| figures.contains_key(&first(row)))
        {
            (Fills::Columns, head.iter().skip(1).map(|name| (*name).to_owned()).collect())
        } else {
            continue;
        };
        let id = ids.of(&head.join("|"));
        tables.push(Table { id, text: text.to_owned(), place, fills, names });
    }
    tables
}

/// What is between the bars of a line.
pub fn cells(line: &str) -> impl Iterator<Item = Range<usize>> {
    let is_bar = |at: usize| line.as_bytes()[at] == b'|' && (at == 0 || line.as_bytes()[at - 1] != b'\\');
    let bars: Vec<_> = (0..line.len()).filter(|at| is_bar(*at)).collect();
    let pairs: Vec<_> = bars.windows(2).map(|pair| pair[0] + 1..pair[1]).collect();
    pairs.into_iter()
}

impl Table {
    /// Another content, another version.
    pub fn version(&self) -> String {
        short_name(&self.text)
    }

    /// As HTML.
    pub fn shown(&self) -> String {
        let events = Parser::new_ext(&self.text, Options::ENABLE_TABLES).map(|event| match event {
            Event::Html(code) | Event::InlineHtml(code) => Event::Text(code),
            other => other,
        });
        to_html(events)
    }

    /// With the figures of `run` in row or column `at`. Cells without a figure stay unchanged.
    ///
    /// # Errors
    /// When there is no such row or column.
    fn filled(&self, at: usize, run: &SavedRun, figures: &Figures) -> anyhow::Result<String> {
        ensure!(at < self.names.len(), "the table has no such row or column any more; reload the page");
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        let head: Vec<String> = cells(&lines[0]).map(|place| lines[0][place].trim().to_owned()).collect();
        for (row, line) in lines.iter_mut().skip(2).enumerate() {
            if self.fills == Fills::Rows && row != at {
                continue;
            }
            let places: Vec<_> = cells(line).collect();
            let first = places.first().map(|place| line[place.clone()].trim().to_owned()).unwrap_or_default();
            // From the last to the first: those before stay where they are.
            for (column, place) in places.into_iter().enumerate().skip(1).rev() {
                let name = match self.fills {
                    Fills::Rows => head.get(column),
                    Fills::Columns => Some(&first).filter(|_| column == at + 1),
                };
                if let Some(value) = name.and_then(|name| figure(*figures.get(name)?, run)) {
                    line.replace_range(place, &format!(" {value} "));
                }
            }
        }
        let end = if self.text.ends_with('\n') { "\n" } else { "" };
        Ok(lines.join("\n") + end)
    }

    /// The first row or column that has nothing yet; the last when all have.
    pub fn next(&self) -> usize {
        let lines: Vec<&str> = self.text.lines().skip(2).collect();
        let is_empty = |line: &str, column: usize| {
            cells(line).nth(column).is_some_and(|place| line[place].trim().is_empty())
        };
        let has_nothing = |at: &usize| match self.fills {
            Fills::Rows => (1..cells(lines[*at]).count()).all(|column| is_empty(lines[*at], column)),
            Fills::Columns => lines.iter().all(|line| is_empty(line, at + 1)),
        };
        (0..self.names.len()).find(has_nothing).unwrap_or(self.names.len().saturating_sub(1))
    }
}

/// Fills row or column `at` of the table `id` in the file at `path`, which must still be version `was`.
///
/// # Errors
/// When the table has changed, or the file cannot be written: the file is then unchanged.
pub fn fill(
    path: &Path,
    figures: &Figures,
    id: &str,
    was: &str,
    at: usize,
    run: &SavedRun,
) -> anyhow::Result<()> {
    replace(path, figures, id, was, |table| table.filled(at, run, figures)).map(drop)
}

/// Puts what `change` makes of the table `id` in its place in the file at `path`; returns the whole new file. The table must
/// still be version `was`.
///
/// # Errors
/// When the table has changed, or the file cannot be written: the file is then unchanged. And those of `change`.
pub fn replace(
    path: &Path,
    figures: &Figures,
    id: &str,
    was: &str,
    change: impl FnOnce(&Table) -> anyhow::Result<String>,
) -> anyhow::Result<String> {
    let lesson = file::read(path)?;
    let table = find(&lesson, figures).into_iter().find(|table| table.id == id);
    let table = table.context("the lesson has no such table any more; reload the page")?;
    if table.version() != was {
        bail!("the table has changed; check it, then fill it in again");
    }
    let mut changed = lesson.clone();
    changed.replace_range(table.place.clone(), &change(&table)?);
    file::replace(path, &lesson, &changed)?;
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use lesson::Figure;

    use super::*;

    const LESSON: &str = "\
| Idea | What it does |\n|---|---|\n| stale reads | none |\n\n\
| | Value |\n|---|---|\n| Success rate | |\n| Failed requests | |\n| my own | x |\n\n\
| Run | Success rate | p99 latency |\n|---|---|---|\n| Broken | | |\n| Fixed | | |\n";

    #[test]
    fn tables_that_wait_for_a_run_are_known_by_what_they_ask_for() {
        let figures =
            [("Success rate".to_owned(), Figure::SuccessRate), ("p99 latency".to_owned(), Figure::P99Ms)];
        let tables = find(LESSON, &figures.into());
        let about: Vec<_> = tables
            .iter()
            .map(|table| (table.fills, &*table.names[0], table.names.len(), table.next()))
            .collect();
        assert_eq!(about, [(Fills::Columns, "Value", 1, 0), (Fills::Rows, "Broken", 2, 0)]);
    }

    #[test]
    fn cells_end_at_bars_that_are_not_escaped() {
        let line = r"| a \| b | | c |";
        let cells: Vec<_> = cells(line).map(|place| &line[place]).collect();
        assert_eq!(cells, [r" a \| b ", " ", " c "]);
    }
}
