//! `lab smoke`: takes a lesson through its stages in a short run, and holds its claims against what is measured.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    fs,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use serde::Serialize;
use tokio::{signal::ctrl_c, time::sleep};

use super::{
    down, fix,
    measure::{Measurement, Options, measure},
    running,
    settle::Life,
    up,
};
use crate::{
    claims::{Judged, Measured, Verdict, judge},
    cli::Up,
    data_dir, database,
    lesson::{Lesson, Stage},
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
pub async fn run(project: &Project, number: u8, duration: Duration) -> anyhow::Result<Report> {
    let scenario = project.for_smoke_tests().scenario(number)?;
    if scenario.is_up()? {
        bail!("another smoke test of scenario {number} is at work; `cargo lab down --all` ends it");
    }
    let lesson = Lesson::read(&scenario)?;
    scenario.prepare()?;
    // With the folders of all its servers, wherever they may be.
    let data = data_dir::of(&scenario, &lesson.database.service)?;
    let data = data.parent().context("a data directory lies in a folder")?.to_owned();
    let report = tokio::select! {
        report = prove(&scenario, &lesson, duration) => report,
        _ = ctrl_c() => {
            // A supervisor that was being started may not have its lock yet.
            sleep(Duration::from_secs(1)).await;
            Err(anyhow!("stopped"))
        }
    };
    down::stop(&scenario).await?;
    for dir in [&data, &scenario.lab_dir] {
        if dir.exists() {
            fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
        }
    }
    report
}

async fn prove(scenario: &Scenario, lesson: &Lesson, duration: Duration) -> anyhow::Result<Report> {
    let mut measured = BTreeMap::new();
    for stage in &lesson.stages {
        eprintln!("stage {}: {}", stage.id, stage.title);
        measured.insert(stage.id.as_str(), reach_and_load(scenario, lesson, stage, duration).await?);
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
    duration: Duration,
) -> anyhow::Result<Measured> {
    let options = Up {
        scenario: scenario.number,
        variant: stage.variant.clone(),
        no_watch: true,
        release: false,
        stand_ins: stage.files.clone(),
    };
    up::run(scenario, &options, Life::Attached).await?;
    let (desired, _) = running(scenario)?;
    let (postgres, port) = desired.postgres(&lesson.database.service)?;
    database::reset(postgres, port, &scenario.password("superuser")?).await?;
    if stage.fixed_database {
        fix::run(scenario).await?;
    }
    let options = Options { only: stage.only.as_deref(), users: stage.users, duration: Some(duration) };
    let Measurement { run, seen } = measure(scenario, lesson, options).await?;
    let summary = run.summary();
    Ok(Measured { figures: summary.total, seen, why_invalid: summary.why_invalid })
}

impl Report {
    /// 0 when every claim holds, 1 when one does not, 3 when nobody can say.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.verdict {
            Verdict::Pass => 0,
            Verdict::Fail => 1,
            Verdict::Inconclusive => 3,
        })
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for Judged { id, verdict, measured, limit, why } in &self.claims {
            let verdict = format!("{verdict:?}").to_uppercase();
            write!(f, "{verdict:<12} {id:<28} {measured:>8.3} (claimed: {limit})")?;
            match why {
                Some(why) => writeln!(f, "; {why}")?,
                None => writeln!(f)?,
            }
        }
        write!(f, "{}", format!("{:?}", self.verdict).to_uppercase())
    }
}
