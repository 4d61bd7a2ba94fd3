//! `lab check`: a verdict per promise and goal of the lesson, and the lesson's end when all are reached.

use std::fmt::{self, Display, Formatter};

use project::Scenario;
use serde::Serialize;
use site::lesson_end::LessonEnd;
use verdict::{check_report::CheckReport, claims::Verdict};
use view::results;
use workflow::check::check;

/// The verdicts, as text or JSON.
#[derive(Debug, Serialize)]
pub struct CheckOutput {
    /// The verdicts.
    #[serde(flatten)]
    pub report: CheckReport,
    /// `None` unless all goals are reached.
    pub end: Option<LessonEnd>,
}

/// Checks what runs.
///
/// # Errors
/// When the scenario is not up, or the lab cannot do its work.
pub async fn run(scenario: &Scenario) -> anyhow::Result<CheckOutput> {
    let report = check(scenario).await?;
    let end = end(scenario, &report);
    Ok(CheckOutput { report, end })
}

/// The end of the lesson, if `report` is one. The verdict counts more than a lesson's text that cannot be read.
pub fn end(scenario: &Scenario, report: &CheckReport) -> Option<LessonEnd> {
    let is_reached = report.verdict == Verdict::Pass;
    let sum_up = || LessonEnd::of(scenario, &results::run(scenario)?);
    is_reached
        .then(sum_up)
        .and_then(|end| end.inspect_err(|error| eprintln!("lab: cannot sum up the lesson: {error:#}")).ok())
}

impl Display for CheckOutput {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.report)?;
        self.end.as_ref().map_or(Ok(()), |end| write!(f, "\n{end}"))
    }
}
