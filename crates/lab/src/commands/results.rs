//! `lab results`: the table that the learner would fill in by hand.

use std::fmt::{self, Display, Formatter};

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use loadgen::Figures;
use serde::Serialize;

use super::{
    load::percent,
    runs::{self, SavedRun, Subject},
};
use crate::{lesson::Variant, project::Scenario};

/// The runs, oldest first; of those that measured the same thing, the last.
#[derive(Debug, Serialize)]
pub struct Results {
    runs: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    run_id: String,
    /// What was loaded, in words.
    program: String,
    indexes: Vec<String>,
    users: usize,
    #[serde(flatten)]
    figures: Figures,
    /// How many runs measured this.
    of_runs: usize,
}

/// Reads all saved runs of `scenario`.
///
/// # Errors
/// When one cannot be read.
pub fn run(scenario: &Scenario) -> anyhow::Result<Results> {
    let mut groups: Vec<Vec<SavedRun>> = Vec::new();
    for run in runs::all(scenario)? {
        let same = |group: &&mut Vec<SavedRun>| {
            group.first().is_some_and(|first| first.subject == run.subject && first.run.plan == run.run.plan)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    let row = |group: &Vec<SavedRun>| {
        let last = group.last()?;
        Some(Row {
            run_id: last.run_id.clone(),
            program: in_words(&last.subject),
            indexes: last.subject.indexes.clone(),
            users: last.run.plan.users,
            figures: last.run.summary().total,
            of_runs: group.len(),
        })
    };
    Ok(Results { runs: groups.iter().filter_map(row).collect() })
}

fn in_words(subject: &Subject) -> String {
    let edited: Vec<_> =
        subject.edited.iter().map(|path| path.rsplit('/').next().unwrap_or_default()).collect();
    match (subject.variant, edited.as_slice()) {
        (Variant::Solution, _) => "solution".to_owned(),
        (Variant::Starter, []) => "starter".to_owned(),
        (Variant::Starter, edited) => format!("yours: {}", edited.join(", ")),
    }
}

impl Display for Results {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.runs.is_empty() {
            return f.write_str("There are no runs yet. Next: make loadtest");
        }
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header(["Run", "Program", "Indexes", "Users", "Success", "p99 latency", "Ok per second"]);
        for row in &self.runs {
            let p99 = row.figures.latency_ms.map(|ms| format!("{:.0} ms", ms.p99));
            table.add_row([
                row.run_id.clone(),
                row.program.clone(),
                row.indexes.join(", "),
                row.users.to_string(),
                percent(row.figures.success_rate),
                p99.unwrap_or_else(|| "-".to_owned()),
                format!("{:.1}", row.figures.ok_per_s),
            ]);
        }
        for column in table.column_iter_mut().skip(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        writeln!(f, "{table}")?;
        let best = |a: &f64, b: &f64| a.total_cmp(b);
        let rates = || self.runs.iter().map(|row| row.figures.ok_per_s);
        match (rates().next(), rates().max_by(best)) {
            (Some(first), Some(best)) if first > 0.0 && best > first => {
                write!(f, "\nThe best run served {:.0} times as many per second as the first.", best / first)
            }
            _ => Ok(()),
        }
    }
}
