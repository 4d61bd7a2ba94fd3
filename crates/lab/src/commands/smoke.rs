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

/// A claim that does not hold is measured twice more, and the middle one of three counts: a machine has bad moments, and
/// what is wrong with a lesson is wrong each time.
const ROUNDS: usize = 3;

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
    let mut found: Vec<Vec<Judged>> = lesson.claims.iter().map(|_| Vec::new()).collect();
    let holds = |found: &[Judged]| found.first().is_some_and(|first| first.verdict == Verdict::Pass);
    for _ in 0..ROUNDS {
        let (claims, found): (Vec<_>, Vec<_>) =
            lesson.claims.iter().zip(&mut found).filter(|(_, found)| !holds(found)).unzip();
        let mut measured = BTreeMap::new();
        for stage in lesson.stages.iter().filter(|stage| claims.iter().any(|claim| claim.is_about(&stage.id)))
        {
            eprintln!("stage {}: {}", stage.id, stage.title);
            let seen = reach_and_load(scenario, lesson, stage, engine, duration).await?;
            measured.insert(stage.id.as_str(), seen);
        }
        for (claim, found) in claims.into_iter().zip(found) {
            found.push(judge(claim, &measured)?);
        }
    }
    let claims: Vec<_> = found.into_iter().filter_map(middle).collect();
    let verdict = claims.iter().map(|claim| claim.verdict).max().context("the lesson claims nothing")?;
    Ok(Report { verdict, claims })
}

/// The one in the middle, which says so where there are others.
fn middle(mut found: Vec<Judged>) -> Option<Judged> {
    let numbers: Vec<_> = found.iter().map(|judged| format!("{:.3}", judged.measured)).collect();
    found.sort_by(|one, other| one.measured.total_cmp(&other.measured));
    let mut middle = found.into_iter().nth(numbers.len() / 2)?;
    if numbers.len() > 1 {
        let among = format!("the middle of {}", numbers.join(", "));
        middle.why = Some(middle.why.map_or(among.clone(), |why| format!("{why}; {among}")));
    }
    Some(middle)
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
        no_dashboard: true,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_three_counts_and_names_the_others() {
        let judged = |measured, verdict| Judged {
            id: "two-serve-more".to_owned(),
            verdict,
            measured,
            limit: "at least 1.8".to_owned(),
            why: None,
        };
        let one = middle(vec![judged(2.0, Verdict::Pass)]).unwrap();
        assert_eq!(one.why, None);
        let missed_once =
            [judged(1.7, Verdict::Fail), judged(2.0, Verdict::Pass), judged(1.9, Verdict::Pass)];
        let Judged { verdict, measured, why, .. } = middle(missed_once.into()).unwrap();
        assert_eq!((verdict, measured), (Verdict::Pass, 1.9));
        assert_eq!(why.as_deref(), Some("the middle of 1.700, 2.000, 1.900"));
    }
}
