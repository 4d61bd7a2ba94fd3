//! `lab smoke`: takes a lesson through its stages in a short run, and holds its claims against what is measured.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    fs,
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use loadgen::Figures;
use serde::Serialize;

use super::{down, fix, load, running, up};
use crate::{
    cli::Up,
    data_dir, database,
    lesson::{Claim, Lesson, Measure, Stage},
    project::{Project, Scenario},
};

/// A verdict per claim.
#[derive(Debug, Serialize)]
pub struct Report {
    verdict: Verdict,
    claims: Vec<Judged>,
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Verdict {
    Pass,
    Inconclusive,
    Fail,
}

#[derive(Debug, Serialize)]
struct Judged {
    id: String,
    verdict: Verdict,
    measured: f64,
    limit: String,
    why: Option<String>,
}

/// Runs beside what the learner has: its own data, its own ports, its own folder, which is gone afterwards.
///
/// # Errors
/// When a stage cannot be brought about.
pub async fn run(project: &Project, number: u8, duration: Duration) -> anyhow::Result<Report> {
    let project = Project {
        lab_dir: project.lab_dir.join("smoke"),
        ..project.clone()
    };
    let scenario = project.scenario(number)?;
    let lesson = Lesson::read(&scenario)?;
    let report = tokio::select! {
        report = prove(&scenario, &lesson, duration) => report,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("stopped")),
    };
    down::stop(&scenario).await?;
    for dir in [data_dir::of(&scenario, &lesson.database.service)?, scenario.dir()] {
        if dir.exists() {
            fs::remove_dir_all(&dir).with_context(|| format!("cannot remove {}", dir.display()))?;
        }
    }
    report
}

async fn prove(scenario: &Scenario, lesson: &Lesson, duration: Duration) -> anyhow::Result<Report> {
    let mut measured = BTreeMap::new();
    for stage in &lesson.stages {
        eprintln!("stage {}: {}", stage.id, stage.title);
        measured.insert(
            stage.id.as_str(),
            reach_and_load(scenario, lesson, stage, duration).await?,
        );
    }
    let claims = lesson
        .claims
        .iter()
        .map(|claim| judge(claim, &measured))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let verdict = claims
        .iter()
        .map(|claim| claim.verdict)
        .max()
        .context("the lesson claims nothing")?;
    Ok(Report { verdict, claims })
}

struct Measured {
    figures: Figures,
    why_invalid: Option<String>,
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
        variant: stage.variant,
        no_watch: true,
        release: false,
    };
    up::run(scenario, &options).await?;
    let (desired, _) = running(scenario)?;
    let (postgres, port) = desired.postgres(&lesson.database.service)?;
    database::reset(postgres, port, &scenario.password("superuser")?).await?;
    if stage.fixed_database {
        fix::run(scenario).await?;
    }
    let service = desired.service(&lesson.load.service)?;
    let plan = lesson.load.plan(service.port, lesson.load.users, duration);
    let summary = load::measure(plan).await?.summary();
    Ok(Measured {
        figures: summary.total,
        why_invalid: summary.why_invalid,
    })
}

fn judge(claim: &Claim, measured: &BTreeMap<&str, Measured>) -> anyhow::Result<Judged> {
    let stage = |id: &str| {
        measured
            .get(id)
            .with_context(|| format!("claim {}: no stage `{id}`", claim.id))
    };
    let value = |measured: &Measured| match claim.measure {
        Measure::SuccessRate => measured.figures.success_rate,
        Measure::OkPerS => measured.figures.ok_per_s,
    };
    let mut stages = vec![stage(&claim.stage)?];
    let mut number = value(stages[0]);
    if let Some(base) = &claim.relative_to {
        stages.push(stage(base)?);
        number /= value(stages[1]);
    }
    // Not a number (nothing against nothing) is within no limits.
    let at_least = claim.at_least.is_none_or(|limit| number >= limit);
    let at_most = claim.at_most.is_none_or(|limit| number <= limit);
    let nothing_served = stages.iter().any(|stage| stage.figures.ok == 0);
    let invalid = stages.iter().find_map(|stage| stage.why_invalid.clone());
    let (verdict, why) = if nothing_served {
        (Verdict::Fail, Some("not one request was served".to_owned()))
    } else if !(at_least && at_most) {
        (Verdict::Fail, invalid)
    } else {
        (
            if invalid.is_some() {
                Verdict::Inconclusive
            } else {
                Verdict::Pass
            },
            invalid,
        )
    };
    Ok(Judged {
        id: claim.id.clone(),
        verdict,
        measured: number,
        limit: limit(claim),
        why,
    })
}

fn limit(claim: &Claim) -> String {
    let unit = match (claim.measure, &claim.relative_to) {
        (_, Some(stage)) => format!(" times {stage}"),
        (Measure::SuccessRate, None) => " of all requests".to_owned(),
        (Measure::OkPerS, None) => " per second".to_owned(),
    };
    match (claim.at_least, claim.at_most) {
        (Some(low), Some(high)) => format!("{low} to {high}{unit}"),
        (Some(low), None) => format!("at least {low}{unit}"),
        (None, Some(high)) => format!("at most {high}{unit}"),
        (None, None) => "anything".to_owned(),
    }
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
        for Judged {
            id,
            verdict,
            measured,
            limit,
            why,
        } in &self.claims
        {
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
