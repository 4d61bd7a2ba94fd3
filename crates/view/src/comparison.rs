//! `lab compare`: two runs, and whether they differ by more than chance and this machine's noise.

use std::fmt::{self, Display, Formatter};

use anyhow::{Context, bail};
use compare::Verdict;
use format::counted;
use observe::{
    blocks::{Blocks, Figure},
    changes::Change,
    noise::Noise,
    saved_runs::{self, SavedRun},
};
use project::Scenario;
use serde::Serialize;

use crate::terminal;

/// The change of each figure.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// The run before.
    pub before: String,
    /// The run after.
    pub after: String,
    /// How long each measured, and how it ended.
    pub lengths: [String; 2],
    /// Differences that make the comparison unfair.
    pub unlike: Vec<String>,
    /// Why a run must not be believed.
    pub doubts: Vec<String>,
    /// Who kept the machine busy meanwhile.
    pub crowds: Vec<String>,
    /// In the order of [`Figure::ALL`].
    pub changes: Vec<Change>,
    /// The noise of this machine.
    #[serde(skip)]
    pub noise: Noise,
}

/// Compares two runs of `scenario`: the ones that are named, or the last two.
///
/// # Errors
/// When a run does not exist; without `anyway`, also when the runs differ in load, data, build profile or machine.
pub fn of_runs(scenario: &Scenario, ids: &[String], anyway: bool) -> anyhow::Result<Comparison> {
    let (before, after) = pair(scenario, ids)?;
    let comparison = compare(scenario, &before, &after);
    if !comparison.unlike.is_empty() && !anyway {
        bail!(
            "runs {0} and {1} measured different things: {2}; compare them anyway with: \
            cargo lab compare {0} {1} --anyway",
            before.run_id,
            after.run_id,
            comparison.unlike.join("; ")
        );
    }
    Ok(comparison)
}

/// The two runs of these ids; without ids, the last two.
///
/// # Errors
/// When they are not there.
pub fn pair(scenario: &Scenario, ids: &[String]) -> anyhow::Result<(SavedRun, SavedRun)> {
    if let [before, after] = ids {
        return Ok((saved_runs::find(scenario, before)?, saved_runs::find(scenario, after)?));
    }
    let mut runs = saved_runs::all(scenario)?;
    let after = runs.pop().context("there are no runs yet; make one with: make loadtest")?;
    let before = runs.pop();
    let before = before.context("there is one run only; change something, then: make loadtest")?;
    Ok((before, after))
}

/// Compares two runs, even if they measured different things.
pub fn compare(scenario: &Scenario, before: &SavedRun, after: &SavedRun) -> Comparison {
    let crowd = |run: &SavedRun| Some(format!("in run {} {}", run.run_id, run.crowded()?));
    let crowds: Vec<_> = [before, after].into_iter().filter_map(crowd).collect();
    let noise = Noise::known(scenario).between([before, after]);
    // Without the others it stays unknown which ran at the same time.
    let runs = saved_runs::all(scenario).unwrap_or_default();
    let doubt = |run: &SavedRun| Some(format!("run {}: {}", run.run_id, run.doubt(&runs)?));
    let doubts: Vec<_> = [before, after].into_iter().filter_map(doubt).collect();
    let blocks = (Blocks::of(&before.run), Blocks::of(&after.run));
    let change = |figure| Change::of(figure, &blocks.0, &blocks.1, &noise).unless(!doubts.is_empty());
    let changes = Figure::ALL.map(change).into();
    let lengths = [before, after].map(|run| format!("run {} {}", run.run_id, run.length()));
    let (unlike, names) = (before.unlike(after), [before, after].map(|run| run.run_id.clone()));
    let [before, after] = names;
    Comparison { before, after, lengths, unlike, doubts, crowds, changes, noise }
}

/// Whether it stays open which of the two serves more.
pub fn is_inconclusive(changes: &[Change]) -> bool {
    changes.first().is_some_and(|throughput| throughput.verdict == Verdict::Inconclusive)
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", table(&self.changes, [&self.before, &self.after]))?;
        writeln!(f, "Measured: {}.", self.lengths.join(", "))?;
        for line in self.unlike.iter().map(|unlike| format!("They measured different things: {unlike}.")) {
            writeln!(f, "{line}")?;
        }
        for doubt in &self.doubts {
            writeln!(f, "Do not believe this: {doubt}.")?;
        }
        writeln!(f, "{}", how(self))?;
        if self.doubts.is_empty() && self.crowds.is_empty() && is_inconclusive(&self.changes) {
            writeln!(
                f,
                "For a more reliable result, close other programs or measure longer: cargo lab load --duration 2m"
            )?;
        }
        write!(f, "\nNext: see both side by side, with: cargo lab report {} {}", self.before, self.after)
    }
}

/// How to read an interval.
pub const IN_BRACKETS: &str = "In brackets: the 95 % confidence interval.";

/// A row per figure, under the names of what was measured.
pub fn table(changes: &[Change], [before, after]: [&str; 2]) -> String {
    let row = |change: &Change| {
        let value =
            |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| change.figure.show(value));
        vec![
            change.figure.title().to_owned(),
            value(change.estimate.map(|estimate| estimate.before)),
            value(change.estimate.map(|estimate| estimate.after)),
            change.to_string(),
            change.in_words(),
        ]
    };
    let rows: Vec<_> = changes.iter().map(row).collect();
    terminal::table(&["", before, after, "Change", "Verdict"], &rows, |column| (1..=3).contains(&column))
}

/// How to read the table.
pub fn how(comparison: &Comparison) -> String {
    let Comparison { before, after, crowds, noise, .. } = comparison;
    let machine = match noise.relative {
        Some(relative) if !crowds.is_empty() => format!(
            "The machine was busy ({}): on this machine two identical runs can differ by up to \
            {:.0} %. For a fair comparison run: cargo lab ab {before} {after}",
            crowds.join(", "),
            200.0 * relative
        ),
        Some(relative) => format!(
            "On this machine two identical runs differ by about {:.1} % ({}); a change of less than \
            twice that, or of less than 3 %, counts as no difference.",
            relative * 100.0,
            counted(noise.runs as f64, "repeated run")
        ),
        None => {
            "How much two identical runs differ on this machine is not known yet: repeat one three times."
                .to_owned()
        }
    };
    format!("{IN_BRACKETS}\n{machine}")
}
