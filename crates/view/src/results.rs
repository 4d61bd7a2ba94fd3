//! `lab results`: the table that the learner would fill in by hand.

use std::fmt::{self, Display, Formatter};

use format::{latency, percent, throughput};
use loadgen::Figures;
use observe::{
    blocks::{Blocks, Figure},
    changes::Change,
    connection_probe::Probes,
    freshness::Reads,
    noise::Noise,
    own_prediction::Predicted,
    period::Period,
    saved_runs::{self, SavedRun},
};
use project::Scenario;
use serde::Serialize;

use crate::terminal;

/// The runs, oldest first; of those that measured the same thing, the last that is complete and to be believed.
#[derive(Debug, Serialize)]
pub struct Results {
    /// Row by row.
    pub runs: Vec<Row>,
    /// The last two runs that differ in nothing but what was to be measured, the earlier first; `None` when there are none.
    pub comparable: Option<[String; 2]>,
    /// When they were measured, all of them.
    #[serde(skip)]
    pub periods: Vec<Period>,
}

/// One of them.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its id.
    pub run_id: String,
    /// What was loaded, in words.
    program: String,
    indexes: Vec<String>,
    /// How many servers shared the work.
    servers: usize,
    /// What was asked for.
    requests: Vec<String>,
    users: usize,
    /// Requests per second that were asked for; `None` in a closed loop.
    rate_per_s: Option<f64>,
    #[serde(flatten)]
    figures: Figures,
    /// Successes per second against the first run; `None` for that one, and where more differs than what was to be
    /// measured.
    against_first: Option<Change>,
    /// Share of another client's attempts that the database refused; `None` where there was no such client.
    probes_refused: Option<f64>,
    /// Share of stale reads after one's own write; `None` if it was not measured.
    stale_reads: Option<f64>,
    /// Share of the answers that came from a cache; `None` where there is none.
    hit_rate: Option<f64>,
    /// The same for a user who browsed before the load; `None` if it was not measured.
    browse_hit_rate: Option<f64>,
    /// Predicted successful requests per second; `None` without a prediction.
    predicted: Option<Predicted>,
    /// How long it measured, in seconds.
    measured_s: f64,
    /// How it ended: `30 s`, or `stopped after 3 s of 30 s`.
    length: String,
    /// Why its figures must not be believed.
    doubt: Option<String>,
    /// The other runs that measured this, by their ids.
    repeats: Vec<String>,
}

/// Reads all saved runs of `scenario`.
///
/// # Errors
/// When one cannot be read.
pub fn run(scenario: &Scenario) -> anyhow::Result<Results> {
    let runs = saved_runs::all(scenario)?;
    let mut groups: Vec<Vec<&SavedRun>> = Vec::new();
    for run in &runs {
        let same = |group: &&mut Vec<&SavedRun>| group.first().is_some_and(|first| run.repeats(first));
        match groups.iter_mut().find(same) {
            Some(group) => group.push(run),
            None => groups.push(vec![run]),
        }
    }
    let noise = Noise::known(scenario);
    let first = groups.first().and_then(|group| best(group, &runs)).map(|run| (run, Blocks::of(&run.run)));
    let against_first = |run: &SavedRun| {
        let (first, blocks) = first.as_ref().filter(|(first, _)| first.run_id != run.run_id)?;
        let alike = first.unlike(run).is_empty() && [*first, run].iter().all(|run| run.is_sound(&runs));
        let noise = noise.between([*first, run]);
        alike.then(|| Change::of(Figure::OkPerS, blocks, &Blocks::of(&run.run), &noise))
    };
    let row = |group: &Vec<&SavedRun>| {
        let last = best(group, &runs)?;
        let others = group.iter().filter(|run| run.run_id != last.run_id);
        Some(Row {
            run_id: last.run_id.clone(),
            program: last.subject.program(),
            indexes: last.subject.indexes.clone(),
            servers: last.subject.servers,
            requests: last.run.plan.endpoints.iter().map(|endpoint| endpoint.name.clone()).collect(),
            users: last.run.plan.users,
            rate_per_s: last.run.plan.rate_per_s,
            figures: last.run.summary().total,
            against_first: against_first(last),
            probes_refused: last.seen.probes.as_ref().map(Probes::share_refused),
            stale_reads: last.seen.freshness.as_ref().map(Reads::share_stale),
            hit_rate: last.seen.hit_rate,
            browse_hit_rate: last.seen.browse_hit_rate,
            predicted: group.iter().rev().find_map(|run| run.seen.predicted),
            measured_s: last.run.measured_s,
            length: last.length(),
            doubt: last.doubt(&runs),
            repeats: others.map(|run| run.run_id.clone()).collect(),
        })
    };
    let shown: Vec<_> = groups.iter().filter_map(|group| best(group, &runs)).collect();
    Ok(Results {
        runs: groups.iter().filter_map(row).collect(),
        comparable: comparable(&shown, &runs),
        periods: runs.iter().map(Period::of_run).collect(),
    })
}

/// The last run that can be compared with an earlier one, and the first of those.
fn comparable(shown: &[&SavedRun], runs: &[SavedRun]) -> Option<[String; 2]> {
    let sound: Vec<_> = shown.iter().filter(|run| run.is_sound(runs)).collect();
    let pair = |(index, after): (usize, &&&SavedRun)| {
        let before = sound[..index].iter().find(|before| before.unlike(after).is_empty())?;
        Some([before.run_id.clone(), after.run_id.clone()])
    };
    sound.iter().enumerate().rev().find_map(pair)
}

/// The run that stands for those which measured the same: a later one replaces it only if it is as good.
fn best<'a>(group: &[&'a SavedRun], runs: &[SavedRun]) -> Option<&'a SavedRun> {
    group.iter().rev().find(|run| run.is_sound(runs)).or(group.last()).copied()
}

/// The identity of a run.
pub struct Column {
    /// What stands above it.
    pub title: &'static str,
    always: bool,
    /// Whether it is one.
    pub is_number: bool,
    /// What it tells of a run.
    pub cell: fn(&Row) -> String,
}

const fn column(title: &'static str, always: bool, is_number: bool, cell: fn(&Row) -> String) -> Column {
    Column { title, always, is_number, cell }
}

/// The p99 latency, marked where it is one of the few slowest answers: `1,380.2 ms (of 17)`.
pub fn p99(figures: &Figures) -> String {
    match figures.latency_ms {
        None => "-".to_owned(),
        Some(ms) => figures.marked(0.99, latency(ms.p99)),
    }
}

const COLUMNS: &[Column] = &[
    column("Run", true, false, |row| row.run_id.clone()),
    column("Program", true, false, |row| row.program.clone()),
    column("Indexes", false, false, |row| row.indexes.join(", ")),
    column("Requests", false, false, |row| row.requests.join(", ")),
    column("Servers", false, true, |row| row.servers.to_string()),
    column("Users", true, true, |row| {
        row.rate_per_s.map_or_else(|| row.users.to_string(), |rate| format!("{rate} per second"))
    }),
    column("Length", true, true, |row| row.length.clone()),
    column("Success", true, true, |row| percent(row.figures.success_rate)),
    column("p99 latency", true, true, |row| p99(&row.figures)),
    column("Ok per second", true, true, |row| throughput(row.figures.ok_per_s)),
    column("Against the first", false, true, |row| {
        row.against_first.as_ref().map_or_else(|| "-".to_owned(), Change::to_string)
    }),
    column("Predicted", false, true, |row| {
        row.predicted.map_or_else(|| "-".to_owned(), |predicted| predicted.to_string())
    }),
    column("Others refused", false, true, |row| share(row.probes_refused)),
    column("Stale reads", false, true, |row| share(row.stale_reads)),
    column("From cache", false, true, |row| share(row.hit_rate)),
    column("Browsing", false, true, |row| share(row.browse_hit_rate)),
];

fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), percent)
}

impl Results {
    /// The columns in which the runs differ.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> {
        COLUMNS.iter().filter(|column| {
            column.always || self.runs.iter().any(|row| (column.cell)(row) != (column.cell)(&self.runs[0]))
        })
    }

    /// The first run, and those that can be compared with it.
    pub fn progress(&self) -> impl Iterator<Item = (&str, &Figures)> {
        let of_first =
            |(index, row): &(usize, &Row)| *index == 0 && row.doubt.is_none() || row.against_first.is_some();
        self.runs.iter().enumerate().filter(of_first).map(|(_, row)| (&*row.run_id, &row.figures))
    }

    /// What to know about the rows, in sentences.
    pub fn remarks(&self) -> Vec<String> {
        let doubt = |row: &Row| Some(format!("Do not believe run {}: {}.", row.run_id, row.doubt.as_ref()?));
        let doubts = self.runs.iter().filter_map(doubt);
        let repeated = self.runs.iter().filter(|row| !row.repeats.is_empty()).map(|row| {
            format!(
                "Run {} also stands for {}, which measured the same: the table shows the last complete and valid one.",
                row.run_id,
                row.repeats.join(", ")
            )
        });
        doubts.chain(repeated).collect()
    }
}

impl Display for Results {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.runs.is_empty() {
            return f.write_str("There are no runs yet. Next: make loadtest");
        }
        let columns: Vec<_> = self.columns().collect();
        let titles: Vec<_> = columns.iter().map(|column| column.title).collect();
        let cells = |row| columns.iter().map(|column| (column.cell)(row)).collect();
        let rows: Vec<_> = self.runs.iter().map(cells).collect();
        writeln!(f, "{}", terminal::table(&titles, &rows, |column| columns[column].is_number))?;
        self.remarks().iter().try_for_each(|remark| writeln!(f, "{remark}"))?;
        if self.runs.iter().any(|row| row.against_first.is_some()) {
            writeln!(
                f,
                "\nAgainst the first: throughput relative to the first run, with its 95 % confidence interval in \
                brackets."
            )?;
        }
        match &self.comparable {
            Some([before, after]) => {
                write!(f, "Next: compare two of them, with: cargo lab compare {before} {after}")
            }
            None => write!(f, "Next: change something, then: make loadtest"),
        }
    }
}
