//! The record of a finished lesson: goals, runs and answers, as one HTML file that needs no other.

use anyhow::{Context, ensure};
use lesson::limits::with_unit;
use maud::{Markup, html};
use observe::saved_runs::{self, SavedRun};
use project::Scenario;
use verdict::{check_report::CheckReport, claims::Verdict, judge::GoalResult};
use view::{local_time::date_and_time, report, results};

use crate::{
    lesson_end::LessonEnd,
    lesson_text::{
        answers::{self, Answer},
        file,
    },
};

/// The record of `scenario`.
///
/// # Errors
/// When its last check did not pass, or a file cannot be read.
pub fn record(scenario: &Scenario) -> anyhow::Result<String> {
    let number = scenario.number;
    let last = CheckReport::last(scenario);
    let (checked, when) =
        last.with_context(|| format!("lesson {number} was not checked yet; run: make check"))?;
    ensure!(
        checked.verdict == Verdict::Pass,
        "the last check of lesson {number} reached {} of {} goals; the record needs all: make check",
        checked.reached(),
        checked.goals.len()
    );
    let end = LessonEnd::of(scenario, &results::run(scenario)?)?;
    let find = |run_id: &String| saved_runs::find(scenario, run_id);
    let runs = end.runs.iter().map(|run| find(&run.run_id)).collect::<anyhow::Result<Vec<_>>>()?;
    let answers = answers::find(&file::read(&scenario.docs().join("SCENARIO.md"))?);
    let content = html! {
        p { "All " (checked.goals.len()) " goals were reached in one check on " (date_and_time(when)) "." }
        @for sentence in [end.improvement(), end.unanswered_questions()].into_iter().flatten() { p { (sentence) } }
        (goals(&checked.goals))
        (written(&answers))
        @for run in &runs { (of_run(run)) }
    };
    Ok(report::whole(&format!("Scenario {number}: {}", checked.title), "Completed", content).into_string())
}

fn goals(goals: &[GoalResult]) -> Markup {
    html! {
        h2 { "Goals" }
        div.scroll tabindex="0" { table {
            tr { th { "Goal" } th { "Measured" } th { "Wanted" } }
            @for goal in goals {
                tr {
                    td { (goal.title) }
                    td { (goal.measured.map_or_else(|| "-".to_owned(), |measured| with_unit(measured, &goal.unit))) }
                    td { (goal.limit) }
                }
            }
        } }
    }
}

fn written(answers: &[Answer]) -> Markup {
    html! {
        h2 { "Answers" }
        @for answer in answers.iter().filter(|answer| !answer.text.trim().is_empty()) {
            p { strong { (answer.question) } }
            pre { (answer.text) }
        }
    }
}

fn of_run(run: &SavedRun) -> Markup {
    html! {
        details { summary { "Run " (run.run_id) } (report::run(run)) }
    }
}
