//! `lab smoke`: takes a lesson through its stages in a short run, and holds its claims against what is measured.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use serde::Serialize;

use super::{
    aside::{aside, start},
    fix,
    measure::{Measurement, Options, measure},
};
use crate::{
    claims::{Judged, Verdict, judge},
    cli::Up,
    lesson::{Lesson, Stage},
    measured::Measured,
    project::{Project, Scenario},
};

/// A verdict per claim.
#[derive(Debug, Serialize)]
pub struct Report {
    verdict: Verdict,
    claims: Vec<Judged>,
}

/// Runs beside what the learner has: its own data, its own ports, its own folder, which is gone afterwards.
///
/// # Errors
/// When a stage cannot be brought about.
pub async fn run(project: &Project, number: u8, engine: &str, duration: Duration) -> anyhow::Result<Report> {
    let scenario = project.aside().scenario(number)?;
    let lesson = Lesson::read(&scenario)?;
    aside(&scenario, &lesson, prove(&scenario, &lesson, engine, duration)).await
}

async fn prove(
    scenario: &Scenario,
    lesson: &Lesson,
    engine: &str,
    duration: Duration,
) -> anyhow::Result<Report> {
    let mut measured = BTreeMap::new();
    for stage in &lesson.stages {
        eprintln!("stage {}: {}", stage.id, stage.title);
        measured.insert(stage.id.as_str(), reach_and_load(scenario, lesson, stage, engine, duration).await?);
    }
    let claims =
        lesson.claims.iter().map(|claim| judge(claim, &measured)).collect::<anyhow::Result<Vec<_>>>()?;
    let verdict = claims.iter().map(|claim| claim.verdict).max().context("the lesson claims nothing")?;
    Ok(Report { verdict, claims })
}

/// Brings the system to `stage`, from its start, and loads it.
async fn reach_and_load(
    scenario: &Scenario,
    lesson: &Lesson,
    stage: &Stage,
    engine: &str,
    duration: Duration,
) -> anyhow::Result<Measured> {
    let options = Up {
        scenario: scenario.number,
        variant: stage.variant.clone(),
        engine: engine.to_owned(),
        no_watch: true,
        release: false,
        stand_ins: stage.files.clone(),
    };
    start(scenario, lesson, &options).await?;
    if stage.fixed_database {
        fix::run(scenario).await?;
    }
    let options = Options {
        only: stage.only.as_deref(),
        users: stage.users,
        duration: Some(duration),
        ..Options::default()
    };
    let Measurement { run, seen } = measure(scenario, lesson, options).await?;
    Ok(Measured::of(&run, seen))
}

impl Report {
    /// 0 when every claim holds, 1 when one does not, 3 when nobody can say.
    pub fn exit_code(&self) -> ExitCode {
        self.verdict.exit_code()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for Judged { id, verdict, measured, limit, why } in &self.claims {
            write!(f, "{verdict:<12} {id:<28} {measured:>8.3} (claimed: {limit})")?;
            match why {
                Some(why) => writeln!(f, "; {why}")?,
                None => writeln!(f)?,
            }
        }
        write!(f, "{}", self.verdict)
    }
}
