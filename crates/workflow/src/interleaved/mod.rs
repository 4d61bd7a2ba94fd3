//! `lab ab`: alternates load between two programs, so that other activity on the machine affects both equally.

mod schedule;
mod rerun;

use std::time::Duration;

use engine::up;
use lesson::Variant;
use observe::{changes::Change, measurement::Options};
use project::{Project, Scenario, Session};
use serde::Serialize;

use self::schedule::Schedule;
use crate::{
    load::measure,
    parallel_checkout::{in_parallel, start},
};

/// What to compare, and how long that may take.
#[derive(Clone, Debug)]
pub struct Question {
    /// The program before.
    pub before: Program,
    /// The program after.
    pub after: Program,
    /// Pairs of runs, at most.
    pub rounds: usize,
    /// How long each run measures.
    pub duration: Duration,
}

/// A program that can be loaded.
#[derive(Clone, Debug)]
pub enum Program {
    /// As it is now.
    Now(Variant),
    /// As it was in the run of this id.
    Then(String),
}

/// The change of each figure.
#[derive(Debug, Serialize)]
pub struct InterleavedReport {
    /// The program before, in words.
    pub before: String,
    /// The program after, in words.
    pub after: String,
    /// Runs of each.
    pub runs: usize,
    /// Why runs must not be believed; they and their partners do not count.
    pub doubts: Vec<String>,
    /// Each figure.
    pub changes: Vec<Change>,
}

/// Alternates load between the two, in a separate checkout, until the comparison is conclusive.
///
/// # Errors
/// When one of them cannot be started or loaded.
pub async fn interleaved(
    project: &Project,
    number: u8,
    question: &Question,
) -> anyhow::Result<InterleavedReport> {
    let turns = Schedule::new(question.rounds);
    let turns = match (&question.before, &question.after) {
        (Program::Now(before), Program::Now(after)) => {
            let scenario = project.parallel().scenario(number)?;
            let lesson = scenario.lesson()?;
            let turns = by_turns(&scenario, [before, after], turns, question.duration);
            Box::pin(in_parallel(&scenario, &lesson, turns)).await?
        }
        _ => rerun::by_turns(project, number, question, turns).await?,
    };
    let [before, after] = [&question.before, &question.after].map(Program::in_words);
    let (runs, changes) = (turns.pairs.len(), turns.changes().into());
    Ok(InterleavedReport { before, after, runs, doubts: turns.doubts, changes })
}

async fn by_turns(
    scenario: &Scenario,
    variants: [&Variant; 2],
    mut turns: Schedule,
    duration: Duration,
) -> anyhow::Result<Schedule> {
    while let Some(which) = turns.whose() {
        eprint!("{turns}, {}: ", variants[which].in_words());
        let options = up::Options {
            variant: variants[which].clone(),
            no_watch: true,
            no_dashboard: true,
            ..up::Options::default()
        };
        start(scenario, &options).await?;
        let load = Options { duration: Some(duration), ..Options::default() };
        turns.take(&measure(&Session::open(scenario)?, load).await?.run);
    }
    Ok(turns)
}

impl Program {
    /// For people.
    pub fn in_words(&self) -> String {
        match self {
            Self::Now(variant) => variant.in_words().to_owned(),
            Self::Then(run) => format!("as in run {run}"),
        }
    }
}
