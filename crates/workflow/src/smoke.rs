//! `lab smoke`: takes a lesson through its stages in a short run, and compares its claims with the measurements.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    time::Duration,
};

use anyhow::Context;
use compose::service_spec::Engine;
use engine::up;
use lesson::{Lesson, Stage, limits::shown};
use loadgen::Figures;
use observe::{
    connection_probe::Probes,
    freshness::Reads,
    measured::Measured,
    measurement::{Measurement, Options},
};
use project::{Project, Scenario, Session};
use serde::Serialize;
use verdict::claims::{ClaimResult, Verdict, judge};

use crate::{
    apply_fix::apply_fix,
    load::measure,
    parallel_checkout::{in_parallel, start},
};

/// A claim that does not hold is measured twice more, and the middle one of three counts: a machine has bad moments, and
/// what is wrong with a lesson is wrong each time.
const ROUNDS: usize = 3;

/// A verdict per claim.
#[derive(Debug, Serialize)]
pub struct SmokeReport {
    /// The worst of all.
    pub verdict: Verdict,
    claims: Vec<ClaimResult>,
    /// What was measured in each stage, the first time.
    stages: Vec<StageFigures>,
}

/// What one stage showed.
#[derive(Debug, Serialize)]
struct StageFigures {
    id: String,
    #[serde(flatten)]
    figures: Figures,
    /// Share of the reads after one's own write that were stale; `None` if it was not measured.
    stale_reads: Option<f64>,
    /// Share of another client's attempts that the database refused; `None` where there was no such client.
    probes_refused: Option<f64>,
}

/// Runs in a separate checkout with its own data, ports and folder, which are removed afterwards.
///
/// # Errors
/// When a stage cannot be brought about.
pub async fn smoke(
    project: &Project,
    number: u8,
    engine: Option<Engine>,
    duration: Duration,
) -> anyhow::Result<SmokeReport> {
    let scenario = project.parallel().scenario(number)?;
    let lesson = scenario.lesson()?;
    Box::pin(in_parallel(&scenario, &lesson, prove(&scenario, &lesson, engine, duration))).await
}

async fn prove(
    scenario: &Scenario,
    lesson: &Lesson,
    engine: Option<Engine>,
    duration: Duration,
) -> anyhow::Result<SmokeReport> {
    let mut found: Vec<Vec<ClaimResult>> = lesson.claims.iter().map(|_| Vec::new()).collect();
    let holds = |found: &[ClaimResult]| found.first().is_some_and(|first| first.verdict == Verdict::Pass);
    let mut stages: Vec<StageFigures> = Vec::new();
    for _ in 0..ROUNDS {
        let (claims, found): (Vec<_>, Vec<_>) =
            lesson.claims.iter().zip(&mut found).filter(|(_, found)| !holds(found)).unzip();
        let mut measured = BTreeMap::new();
        for stage in lesson.stages.iter().filter(|stage| claims.iter().any(|claim| claim.is_about(&stage.id)))
        {
            eprintln!("stage {}: {}", stage.id, stage.title);
            let seen = reach_and_load(scenario, stage, engine, duration).await?;
            if stages.iter().all(|known| known.id != stage.id) {
                stages.push(StageFigures::of(&stage.id, &seen));
            }
            measured.insert(stage.id.as_str(), seen);
        }
        for (claim, found) in claims.into_iter().zip(found) {
            found.push(judge(claim, &measured)?);
        }
    }
    let claims: Vec<_> = found.into_iter().filter_map(middle).collect();
    let verdict = claims.iter().map(|claim| claim.verdict).max().context("the lesson has no claims")?;
    Ok(SmokeReport { verdict, claims, stages })
}

impl StageFigures {
    fn of(id: &str, measured: &Measured) -> Self {
        let Measured { figures, seen, .. } = measured;
        Self {
            id: id.to_owned(),
            figures: figures.clone(),
            stale_reads: seen.freshness.as_ref().map(Reads::share_stale),
            probes_refused: seen.probes.as_ref().map(Probes::share_refused),
        }
    }
}

/// The median run, labelled as such when there are several.
fn middle(mut found: Vec<ClaimResult>) -> Option<ClaimResult> {
    let numbers: Vec<_> = found.iter().map(|judged| shown(judged.measured, &judged.unit)).collect();
    found.sort_by(|one, other| one.measured.total_cmp(&other.measured));
    let mut middle = found.into_iter().nth(numbers.len() / 2)?;
    if numbers.len() > 1 {
        let among = format!("the median of {}", numbers.join(", "));
        middle.why = Some(middle.why.map_or(among.clone(), |why| format!("{why}; {among}")));
    }
    Some(middle)
}

/// Brings the system to `stage`, from its start, and loads it.
async fn reach_and_load(
    scenario: &Scenario,
    stage: &Stage,
    engine: Option<Engine>,
    duration: Duration,
) -> anyhow::Result<Measured> {
    let options = up::Options {
        variant: stage.variant.clone(),
        engine,
        no_watch: true,
        no_dashboard: true,
        release: false,
        stand_ins: stage.files.clone(),
    };
    start(scenario, &options).await?;
    if stage.fixed_database {
        apply_fix(scenario).await?;
    }
    let options = Options {
        only: stage.only.as_deref(),
        users: stage.users,
        duration: Some(duration),
        ..Options::default()
    };
    let Measurement { run, seen } = measure(&Session::open(scenario)?, options).await?;
    Ok(Measured::of(&run, seen))
}

impl Display for SmokeReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for ClaimResult { id, verdict, measured, unit, limit, why } in &self.claims {
            let measured = shown(*measured, unit);
            write!(f, "{verdict:<12} {id:<28} {measured:>8} (claimed: {limit})")?;
            match why {
                Some(why) => writeln!(f, "; {why}")?,
                None => writeln!(f)?,
            }
        }
        write!(f, "{}", self.verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_three_counts_and_names_the_others() {
        let judged = |measured, verdict| ClaimResult {
            id: "two-serve-more".to_owned(),
            verdict,
            measured,
            unit: "times starter".to_owned(),
            limit: "at least 1.8".to_owned(),
            why: None,
        };
        let one = middle(vec![judged(2.0, Verdict::Pass)]).unwrap();
        assert_eq!(one.why, None);
        let missed_once =
            [judged(1.7, Verdict::Fail), judged(2.0, Verdict::Pass), judged(1.9, Verdict::Pass)];
        let ClaimResult { verdict, measured, why, .. } = middle(missed_once.into()).unwrap();
        assert_eq!((verdict, measured), (Verdict::Pass, 1.9));
        assert_eq!(why.as_deref(), Some("the median of 1.7, 2, 1.9"));
    }
}
