//! The table: in the terminal a row per promise, in `docs/promises.md` all of them.

use std::{fmt::Write, fs};

use anyhow::Context;

use crate::{promise::Row, promises::NOT_IN_SHORT};

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

/// Writes all rows to the file, and whether they have the small figures.
///
/// # Errors
/// When the file cannot be read or written, or has no line that says where the table stands.
pub fn write(rows: &[Row], seed: u64, is_short: bool) -> anyhow::Result<()> {
    let text = fs::read_to_string(FILE).with_context(|| format!("cannot read {FILE}"))?;
    let (before, _) = text.split_once(BEGIN).with_context(|| format!("{FILE} has no line {BEGIN}"))?;
    let mut figures = format!("Seed {seed}.");
    if is_short {
        figures.push_str(" The short form (`--short`) made this table. It leaves out:\n");
        for (number, why) in NOT_IN_SHORT {
            write!(figures, "\n- promise {number}: {why}")?;
        }
    }
    let mut table = format!(
        "{before}{BEGIN}\n\n{figures}\n\n| # | Promise | What was done | Target | Measured | |\n|---|---|---|---|---|---|\n"
    );
    for row in rows {
        let (done, measured) = match &row.outcome {
            Ok(outcome) => (outcome.done.as_str(), outcome.measured.as_str()),
            Err(reason) => ("could not be tried", reason.as_str()),
        };
        let verdict = if row.holds() { "holds" } else { "**broken**" };
        let promise = row.promise;
        writeln!(
            table,
            "| {} | {} | {done} | {} | {} | {verdict} |",
            promise.number,
            promise.text,
            promise.target,
            measured.replace(['|', '\n'], " ")
        )?;
    }
    fs::write(FILE, table).with_context(|| format!("cannot write {FILE}"))
}
