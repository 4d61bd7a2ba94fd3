//! The table: in the terminal a row per promise, in `docs/promises.md` all of them.

use std::{collections::BTreeMap, fs};

use anyhow::Context;

use crate::promise::Row;

const FILE: &str = "docs/promises.md";

/// The part of the file that this program writes stands after this line.
const BEGIN: &str = "<!-- cargo xtask torture --write -->";

/// A row, for the terminal.
pub fn line(row: &Row) -> String {
    let Row { promise, outcome, seconds } = row;
    let verdict = if row.holds() { "HOLDS " } else { "BROKEN" };
    let what = match outcome {
        Ok(outcome) => {
            format!(
                "{}\n       target   {}\n       measured {}",
                outcome.done, promise.target, outcome.measured
            )
        }
        Err(reason) => format!("could not be tried: {reason}"),
    };
    format!("{verdict} {}. {} ({seconds} s)\n       {what}", promise.number, promise.text)
}

/// Writes rows to the file, in place of those of the same promises. The others stay as they are.
///
/// # Errors
/// When the file cannot be read or written, or has no line that says where the table stands.
pub fn write(rows: &[Row], seed: u64, is_short: bool) -> anyhow::Result<()> {
    let text = fs::read_to_string(FILE).with_context(|| format!("cannot read {FILE}"))?;
    let (before, table) = text.split_once(BEGIN).with_context(|| format!("{FILE} has no line {BEGIN}"))?;
    let numbered =
        |line: &str| Some((line.strip_prefix("| ")?.split_once(' ')?.0.parse().ok()?, line.to_owned()));
    let mut lines: BTreeMap<u32, String> = table.lines().filter_map(numbered).collect();
    lines.extend(rows.iter().map(|row| (row.promise.number, table_row(row, seed, is_short))));
    let lines: Vec<_> = lines.into_values().collect();
    let table = format!("{before}{BEGIN}\n\n{HEAD}\n{}\n", lines.join("\n"));
    fs::write(FILE, table).with_context(|| format!("cannot write {FILE}"))
}

const HEAD: &str =
    "| # | Promise | What was done | Target | Measured | Seed | |\n|---|---|---|---|---|---|---|";

fn table_row(row: &Row, seed: u64, is_short: bool) -> String {
    let (done, measured) = match &row.outcome {
        Ok(outcome) => (outcome.done.as_str(), outcome.measured.as_str()),
        Err(reason) => ("could not be tried", reason.as_str()),
    };
    let measured = measured.replace(['|', '\n'], " ");
    let (number, text, target) = (row.promise.number, row.promise.text, row.promise.target);
    let form = if is_short { " (short)" } else { "" };
    let verdict = if row.holds() { "holds" } else { "**broken**" };
    format!("| {number} | {text} | {done} | {target} | {measured} | {seed}{form} | {verdict} |")
}
