//! `lab ab`: two programs in turns, so that whatever else the machine does meets both alike.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    process::ExitCode,
    time::Duration,
};

use serde::Serialize;

use super::{
    again,
    aside::{aside, start},
    changes::Change,
    compare::{TRUTH, exit_code, is_inconclusive, table},
    measure::{Options, measure},
    turns::Turns,
};
use crate::{
    cli::{Ab, Program, Up},
    lesson::{Lesson, Variant},
    project::{Project, Scenario},
};

/// What became of each figure.
#[derive(Debug, Serialize)]
pub struct Report {
    before: String,
    after: String,
    /// Runs of each.
    runs: usize,
    /// Why runs must not be believed; they and their partners do not count.
    doubts: Vec<String>,
    changes: Vec<Change>,
}

/// Loads the two by turns, beside what the learner has, and compares, until the answer is clear.
///
/// # Errors
/// When one of them cannot be started or loaded.
pub async fn run(project: &Project, number: u8, options: &Ab) -> anyhow::Result<Report> {
    let turns = Turns::new(options.rounds);
    let turns = match (&options.before, &options.after) {
        (Program::Now(before), Program::Now(after)) => {
            let scenario = project.aside().scenario(number)?;
            let lesson = Lesson::read(&scenario)?;
            let turns = by_turns(&scenario, &lesson, [before, after], turns, options.duration);
            aside(&scenario, &lesson, turns).await?
        }
        _ => again::by_turns(project, number, options, turns).await?,
    };
    let [before, after] = [&options.before, &options.after].map(Program::in_words);
    let (runs, changes) = (turns.pairs.len(), turns.changes().into());
    Ok(Report { before, after, runs, doubts: turns.doubts, changes })
}

async fn by_turns(
    scenario: &Scenario,
    lesson: &Lesson,
    variants: [&Variant; 2],
    mut turns: Turns,
    duration: Duration,
) -> anyhow::Result<Turns> {
    while let Some(which) = turns.whose() {
        eprint!("{turns}, {}: ", variants[which].in_words());
        let options = Up {
            scenario: scenario.number,
            engine: "auto".to_owned(),
            variant: variants[which].clone(),
            no_watch: true,
            no_dashboard: true,
            release: false,
            stand_ins: BTreeMap::new(),
        };
        start(scenario, lesson, &options).await?;
        let load = Options { duration: Some(duration), ..Options::default() };
        turns.take(&measure(scenario, lesson, load).await?.run);
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

impl Report {
    /// 0, or 3 when nobody can say whether more is served.
    pub fn exit_code(&self) -> ExitCode {
        exit_code(&self.changes)
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", table(&self.changes, [&self.before, &self.after]))?;
        for doubt in &self.doubts {
            writeln!(f, "Do not believe this: {doubt}.")?;
        }
        write!(f, "{TRUTH}\nEach ran {} times, in pairs. The change is that within a pair.", self.runs)?;
        if is_inconclusive(&self.changes) {
            write!(
                f,
                "\nThe machine is too busy with other things to tell in this time; let less else run."
            )?;
        }
        Ok(())
    }
}
