//! `lab progress`: who got where. Instructors collect it with `--json`.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use format::counted;
use project::{Project, Scenario};
use serde::Serialize;
use verdict::progress::{self, Progress};

/// Of every lesson.
#[derive(Debug, Serialize)]
pub struct Report {
    lessons: BTreeMap<String, Row>,
}

/// Of one lesson.
#[derive(Debug, Serialize)]
struct Row {
    title: String,
    /// Promises and goals that there are; one more than in `check.toml`: the rows.
    goals: usize,
    #[serde(flatten)]
    progress: progress::Lesson,
}

/// Reads the saved progress.
///
/// # Errors
/// When it, or a lesson, cannot be read.
pub fn run(project: &Project) -> anyhow::Result<Report> {
    let mut progress = Progress::read(&project.lab_dir)?;
    let row = |scenario: Scenario| {
        let goals = scenario.goals()?;
        let name = format!("scenario-{}", scenario.number);
        let row = Row {
            title: scenario.lesson()?.title,
            goals: 1 + goals.promises.len() + goals.goals.len(),
            progress: progress.lessons.remove(&name).unwrap_or_default(),
        };
        anyhow::Ok((name, row))
    };
    Ok(Report { lessons: project.scenarios().map(row).collect::<anyhow::Result<_>>()? })
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (name, Row { title, goals, progress }) in &self.lessons {
            let done = if progress.done_unix_s.is_some() { "done" } else { "" };
            let hints: usize = progress.hints.values().sum();
            let reached = progress.reached.len();
            writeln!(
                f,
                "{name}  {title:<36} {reached:>2} of {goals:>2} reached, {}, {}  {done}",
                counted(progress.checks.into(), "check"),
                counted(hints as f64, "hint")
            )?;
        }
        f.write_str("Next: make check")
    }
}
