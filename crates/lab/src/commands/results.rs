//! `lab results`: the table that the learner would fill in by hand.

use std::fmt::{self, Display, Formatter};

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use loadgen::Figures;
use serde::Serialize;

use super::{
    freshness::Reads,
    load::percent,
    probe::Probes,
    runs::{self, SavedRun, Subject},
};
use crate::project::Scenario;

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
    /// How many servers shared the work.
    servers: usize,
    /// What was asked for.
    requests: Vec<String>,
    users: usize,
    #[serde(flatten)]
    figures: Figures,
    /// Share of another client's attempts that the database refused; `None` where there was no such client.
    probes_refused: Option<f64>,
    /// Share of the reads after one's own write that did not know of it; `None` where nobody did that.
    stale_reads: Option<f64>,
    /// Share of the answers that came from a cache; `None` where there is none.
    hit_rate: Option<f64>,
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
            servers: last.subject.servers,
            requests: last.run.plan.endpoints.iter().map(|endpoint| endpoint.name.clone()).collect(),
            users: last.run.plan.users,
            figures: last.run.summary().total,
            probes_refused: last.seen.probes.as_ref().map(Probes::share_refused),
            stale_reads: last.seen.freshness.as_ref().map(Reads::share_stale),
            hit_rate: last.seen.hit_rate,
            of_runs: group.len(),
        })
    };
    Ok(Results { runs: groups.iter().filter_map(row).collect() })
}

fn in_words(subject: &Subject) -> String {
    let edited: Vec<_> =
        subject.edited.iter().map(|path| path.rsplit('/').next().unwrap_or_default()).collect();
    match edited.as_slice() {
        _ if !subject.variant.is_starter() => subject.variant.in_words().to_owned(),
        [] => "starter".to_owned(),
        edited => format!("yours: {}", edited.join(", ")),
    }
}

/// What a run is told by.
struct Column {
    title: &'static str,
    always: bool,
    is_number: bool,
    cell: fn(&Row) -> String,
}

const fn column(title: &'static str, always: bool, is_number: bool, cell: fn(&Row) -> String) -> Column {
    Column { title, always, is_number, cell }
}

const COLUMNS: [Column; 12] = [
    column("Run", true, false, |row| row.run_id.clone()),
    column("Program", true, false, |row| row.program.clone()),
    column("Indexes", false, false, |row| row.indexes.join(", ")),
    column("Requests", false, false, |row| row.requests.join(", ")),
    column("Servers", false, true, |row| row.servers.to_string()),
    column("Users", true, true, |row| row.users.to_string()),
    column("Success", true, true, |row| percent(row.figures.success_rate)),
    column("p99 latency", true, true, |row| {
        row.figures.latency_ms.map_or_else(|| "-".to_owned(), |ms| format!("{:.0} ms", ms.p99))
    }),
    column("Ok per second", true, true, |row| format!("{:.1}", row.figures.ok_per_s)),
    column("Others refused", false, true, |row| share(row.probes_refused)),
    column("Stale reads", false, true, |row| share(row.stale_reads)),
    column("From cache", false, true, |row| share(row.hit_rate)),
];

fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), percent)
}

impl Display for Results {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.runs.is_empty() {
            return f.write_str("There are no runs yet. Next: make loadtest");
        }
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        // A column in which all runs agree says nothing about them.
        let telling = |column: &&Column| {
            column.always || self.runs.iter().any(|row| (column.cell)(row) != (column.cell)(&self.runs[0]))
        };
        let columns: Vec<_> = COLUMNS.iter().filter(telling).collect();
        table.set_header(columns.iter().map(|column| column.title));
        for row in &self.runs {
            table.add_row(columns.iter().map(|column| (column.cell)(row)));
        }
        for (column, shown) in columns.iter().zip(table.column_iter_mut()) {
            if column.is_number {
                shown.set_cell_alignment(CellAlignment::Right);
            }
        }
        writeln!(f, "{table}")?;
        let best = |a: &f64, b: &f64| a.total_cmp(b);
        let rates = || self.runs.iter().map(|row| row.figures.ok_per_s);
        match (rates().next(), rates().max_by(best)) {
            (Some(first), Some(best)) if first > 0.0 && best > first => {
                write!(
                    f,
                    "\nThe fastest run served {:.1} times as many per second as the first.",
                    best / first
                )
            }
            _ => Ok(()),
        }
    }
}
