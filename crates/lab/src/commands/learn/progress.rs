//! `lab progress`: who got where, and what comes next. Instructors collect it with `--json`.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use format::counted;
use observe::run_identity::system_hash;
use project::{Project, Scenario, Session};
use serde::Serialize;
use verdict::{
    check_report::{CheckReport, STALE},
    claims::Verdict,
    progress::{self, Progress},
};

/// Of every lesson.
#[derive(Debug, Serialize)]
pub struct Report {
    lessons: BTreeMap<String, Row>,
    /// The command to go on with.
    next: String,
}

/// Of one lesson.
#[derive(Debug, Serialize)]
struct Row {
    number: u8,
    title: String,
    /// Promises and goals that there are; one more than in `check.toml`: the rows.
    goals: usize,
    #[serde(flatten)]
    progress: progress::Lesson,
    /// `None` before the first check.
    last_check: Option<LastCheck>,
}

/// What the last check found.
#[derive(Debug, Serialize)]
struct LastCheck {
    verdict: Verdict,
    reached: usize,
    goals: usize,
    /// Whether files or data have changed since; `None` while the scenario does not run.
    is_stale: Option<bool>,
}

/// Reads the saved progress.
///
/// # Errors
/// When it, or a lesson, cannot be read.
pub async fn run(project: &Project) -> anyhow::Result<Report> {
    let mut progress = Progress::read(&project.lab_dir)?;
    let mut lessons = BTreeMap::new();
    for scenario in project.scenarios() {
        let goals = scenario.goals()?;
        let name = format!("scenario-{}", scenario.number);
        let row = Row {
            number: scenario.number,
            title: scenario.lesson()?.title,
            goals: 1 + goals.promises.len() + goals.goals.len(),
            progress: progress.lessons.remove(&name).unwrap_or_default(),
            last_check: last_check(&scenario).await,
        };
        lessons.insert(name, row);
    }
    let next = next(project, &lessons)?;
    Ok(Report { lessons, next })
}

async fn last_check(scenario: &Scenario) -> Option<LastCheck> {
    let (report, _) = CheckReport::last(scenario)?;
    let now = match Session::open(scenario) {
        Ok(session) => system_hash(&session).await.ok(),
        Err(_) => None,
    };
    let is_stale = now.map(|now| report.is_stale(&now));
    let (verdict, reached, goals) = (report.verdict, report.reached(), report.goals.len());
    Some(LastCheck { verdict, reached, goals, is_stale })
}

/// To check what runs, or to start the first lesson that is not done.
fn next(project: &Project, lessons: &BTreeMap<String, Row>) -> anyhow::Result<String> {
    let current = project.last_started()?;
    let running = current.filter(|scenario| scenario.is_up().unwrap_or_default());
    let is_open = |row: &&Row| {
        let is_stale = row.last_check.as_ref().is_some_and(|check| check.is_stale == Some(true));
        row.progress.done_unix_s.is_none() || is_stale
    };
    let mut open: Vec<_> = lessons.values().filter(is_open).collect();
    open.sort_by_key(|row| row.number);
    Ok(match (running, open.first()) {
        (Some(running), _) if open.iter().any(|row| row.number == running.number) => "make check".to_owned(),
        (_, Some(row)) => format!("make scenario-{}", row.number),
        (_, None) => "make results".to_owned(),
    })
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (name, Row { title, goals, progress, last_check, .. }) in &self.lessons {
            let done = if progress.done_unix_s.is_some() { ", done" } else { "" };
            let hints: usize = progress.hints.values().sum();
            let reached = progress.reached.len();
            writeln!(f, "{name}  {title}")?;
            writeln!(
                f,
                "            {reached} of {goals} reached, {}, {}{done}",
                counted(progress.checks.into(), "check"),
                counted(hints as f64, "hint")
            )?;
            if let Some(LastCheck { verdict, reached, goals, is_stale: Some(true) }) = last_check {
                writeln!(f, "            last check: {verdict}, {reached} of {goals}, {STALE}")?;
            }
        }
        write!(f, "Next: {}", self.next)
    }
}
