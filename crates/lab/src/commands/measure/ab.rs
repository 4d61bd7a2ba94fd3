//! `lab ab`: alternates load between two programs, so that other activity on the machine affects both equally.

use std::fmt::{self, Display, Formatter};

use format::counted;
use project::Project;
use serde::Serialize;
use verdict::exit_status::ExitStatus;
use view::comparison::{IN_BRACKETS, is_inconclusive, table};
use workflow::interleaved::{self, InterleavedReport, Question};

use crate::cli::Ab;

/// The change of each figure, as text or JSON.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct AbOutput(InterleavedReport);

/// Alternates load between the two until the answer is clear; what the learner has is not touched.
///
/// # Errors
/// When one of them cannot be started or loaded.
pub async fn run(project: &Project, arguments: &Ab) -> anyhow::Result<AbOutput> {
    let number = arguments.scenario.map_or_else(|| Ok(project.current()?.number), anyhow::Ok)?;
    let question = Question {
        before: arguments.before.clone(),
        after: arguments.after.clone(),
        rounds: arguments.rounds,
        duration: arguments.duration,
    };
    interleaved::interleaved(project, number, &question).await.map(AbOutput)
}

impl AbOutput {
    /// Inconclusive when it stays open which of the two serves more.
    pub fn exit_status(&self) -> ExitStatus {
        if is_inconclusive(&self.0.changes) { ExitStatus::Inconclusive } else { ExitStatus::Success }
    }
}

impl Display for AbOutput {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", table(&self.0.changes, [&self.0.before, &self.0.after]))?;
        for doubt in &self.0.doubts {
            writeln!(f, "Do not believe this: {doubt}.")?;
        }
        write!(
            f,
            "{IN_BRACKETS}\nEach ran {}, in pairs. The change is measured within each pair.",
            counted(self.0.runs as f64, "time")
        )?;
        if is_inconclusive(&self.0.changes) {
            write!(
                f,
                "\nInconclusive: other programs keep the machine too busy. Close them, then run it again."
            )?;
        }
        Ok(())
    }
}
