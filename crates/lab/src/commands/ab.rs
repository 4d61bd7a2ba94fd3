//! `lab ab`: two programs in turns, so that whatever else the machine does meets both alike.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    process::ExitCode,
    time::Duration,
};

use loadgen::Run;
use serde::Serialize;

use super::{
    again,
    aside::{aside, start},
    changes::{Blocks, Change, Figure},
    compare::{TRUTH, exit_code, table},
    measure::{Options, measure},
    noise::Noise,
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
    /// Why a run must not be believed.
    doubts: Vec<String>,
    changes: Vec<Change>,
}

/// Loads the two by turns, beside what the learner has, and compares.
///
/// Each run is one block: what differs between two runs of the same program is then in the statistics, and the margin
/// need not make up for it.
///
/// # Errors
/// When one of them cannot be started or loaded.
pub async fn run(project: &Project, number: u8, options: &Ab) -> anyhow::Result<Report> {
    let turns = order(options.rounds);
    let taken = match (&options.before, &options.after) {
        (Program::Now(before), Program::Now(after)) => {
            let scenario = project.aside().scenario(number)?;
            let lesson = Lesson::read(&scenario)?;
            let duration = options.duration;
            let turns = by_turns(&scenario, &lesson, [before, after], &turns, duration);
            aside(&scenario, &lesson, turns).await?
        }
        _ => again::by_turns(project, number, options, turns.clone()).await?,
    };
    let [before, after] = &taken.blocks;
    let change = |figure| Change::of(figure, before, after, &Noise::default());
    let changes = Figure::ALL.map(change).map(|change| change.unless(!taken.doubts.is_empty()));
    let [before, after] = [&options.before, &options.after].map(Program::in_words);
    Ok(Report { before, after, runs: turns.len() / 2, doubts: taken.doubts, changes: changes.into() })
}

/// What both did.
#[derive(Default)]
pub struct Taken {
    blocks: [Blocks; 2],
    doubts: Vec<String>,
}

impl Taken {
    /// Takes over what `which` of the two did in a turn.
    pub fn add(&mut self, which: usize, turn: usize, run: &Run) {
        self.doubts.extend(run.why_invalid.as_ref().map(|why| format!("run {}: {why}", turn + 1)));
        self.blocks[which].add(run);
    }
}

async fn by_turns(
    scenario: &Scenario,
    lesson: &Lesson,
    variants: [&Variant; 2],
    turns: &[usize],
    duration: Duration,
) -> anyhow::Result<Taken> {
    let mut taken = Taken::default();
    for (turn, &which) in turns.iter().enumerate() {
        eprint!("{} of {}, {}: ", turn + 1, turns.len(), variants[which].in_words());
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
        taken.add(which, turn, &measure(scenario, lesson, load).await?.run);
    }
    Ok(taken)
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

/// ABBA, so many times: what grows or falls steadily over the whole is the same for both.
fn order(rounds: usize) -> Vec<usize> {
    [0, 1, 1, 0].repeat(rounds)
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
        write!(f, "{TRUTH}\nEach ran {} times, in the order ABBA.", self.runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_grows_steadily_slower_is_equally_unfair_to_both() {
        for rounds in 1..5 {
            let turns = order(rounds);
            let when =
                |which| turns.iter().enumerate().filter(move |(_, w)| **w == which).map(|(turn, _)| turn);
            assert_eq!(when(0).sum::<usize>(), when(1).sum::<usize>());
            assert_eq!(when(0).count(), when(1).count());
        }
    }
}
