//! The end of a lesson: the learner's own runs before and after, the questions without an answer, and the next lesson.

use std::fmt::{self, Display, Formatter};

use format::{counted, number, percent};
use maud::{Markup, html};
use project::Scenario;
use serde::Serialize;
use verdict::{check_report::CheckReport, claims::Verdict};
use view::results::Results;

use crate::{
    Site, history,
    lesson_text::{answers, file},
};

/// What is said when all goals are reached.
#[derive(Debug, Serialize)]
pub struct LessonEnd {
    /// The learner's load tests that can be compared, from the first to the last.
    pub runs: Vec<RunFigures>,
    /// Questions of the lesson.
    pub questions: usize,
    /// How many of them have no answer yet.
    pub unanswered: usize,
    /// The lesson's text, from the checkout's top.
    pub lesson: String,
    /// The next lesson; `None` after the last.
    pub next: Option<NextLesson>,
}

/// What one load test found.
#[derive(Debug, Serialize)]
pub struct RunFigures {
    /// Its name.
    pub run_id: String,
    /// Successful requests per second.
    pub ok_per_s: f64,
    /// Their share of all requests, 0 to 1.
    pub success_rate: f64,
}

/// A lesson that was not begun.
#[derive(Debug, Serialize)]
pub struct NextLesson {
    /// Its number.
    pub scenario: u8,
    /// What it is called.
    pub title: String,
}

impl LessonEnd {
    /// That of `scenario`, whose runs are `results`.
    ///
    /// # Errors
    /// When its text cannot be read.
    pub fn of(scenario: &Scenario, results: &Results) -> anyhow::Result<Self> {
        let path = scenario.docs().join("SCENARIO.md");
        let answers = answers::find(&file::read(&path)?);
        let figures = results.progress().map(|(run_id, figures)| RunFigures {
            run_id: run_id.to_owned(),
            ok_per_s: figures.ok_per_s,
            success_rate: figures.success_rate,
        });
        let next = scenario
            .next()
            .map(|next| anyhow::Ok(NextLesson { scenario: next.number, title: next.lesson()?.title }));
        Ok(Self {
            runs: figures.collect(),
            questions: answers.len(),
            unanswered: answers.iter().filter(|answer| answer.text.trim().is_empty()).count(),
            lesson: path.strip_prefix(&scenario.root).unwrap_or(&path).display().to_string(),
            next: next.transpose()?,
        })
    }

    /// The throughput of the runs, in a sentence; `None` with fewer than two.
    pub fn improvement(&self) -> Option<String> {
        let [first, .., last] = &self.runs[..] else { return None };
        let rates: Vec<_> = self.runs.iter().map(|run| number(run.ok_per_s, 1)).collect();
        Some(format!(
            "From run {} to run {}: {} successful requests per second ({}, then {} of all requests).",
            first.run_id,
            last.run_id,
            rates.join(" -> "),
            percent(first.success_rate),
            percent(last.success_rate)
        ))
    }

    /// How many questions have no answer, in a sentence; `None` when all have one.
    pub fn unanswered_questions(&self) -> Option<String> {
        let Self { questions, unanswered, lesson, .. } = self;
        let questions = counted(*questions as f64, "question");
        (*unanswered > 0).then(|| format!("{unanswered} of {questions} have no answer yet: {lesson}"))
    }
}

impl Display for LessonEnd {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for sentence in [self.improvement(), self.unanswered_questions()].into_iter().flatten() {
            writeln!(f, "{sentence}")?;
        }
        match &self.next {
            Some(NextLesson { scenario, title }) => {
                write!(f, "Next: \"{title}\", with: make scenario-{scenario}")
            }
            None => write!(f, "This was the last lesson. Next: see how far you came, with: make progress"),
        }
    }
}

/// The part of the page; empty until all goals are reached by what runs now.
///
/// # Errors
/// When the lesson's text, or a run, cannot be read.
pub fn part(site: &Site) -> anyhow::Result<Markup> {
    let Some((checked, _)) = CheckReport::last(&site.scenario) else { return Ok(html! {}) };
    if checked.verdict != Verdict::Pass || site.current_system.makes_stale(&checked) {
        return Ok(html! {});
    }
    let end = history::with_results(site, |results| LessonEnd::of(&site.scenario, results))??;
    Ok(html! {
        h2 { "All goals are reached" }
        @for sentence in [end.improvement(), end.unanswered_questions()].into_iter().flatten() { p { (sentence) } }
        @match &end.next {
            Some(NextLesson { scenario, title }) => p { "Next: \u{201c}" (title) "\u{201d}, with " code { "make scenario-" (scenario) } },
            None => p { "This was the last lesson." },
        }
        p { a href="/record" download { "Save a record of this lesson" } }
        p { a href="/lessons" { "All lessons" } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_runs_the_open_questions_and_the_next_lesson() {
        let run = |run_id: &str, ok_per_s, success_rate| RunFigures {
            run_id: run_id.to_owned(),
            ok_per_s,
            success_rate,
        };
        let next = NextLesson { scenario: 2, title: "Two Servers".to_owned() };
        let mut end = LessonEnd {
            runs: vec![run("001", 0.1, 0.001), run("003", 324.0, 1.0), run("006", 6_052.0, 1.0)],
            questions: 10,
            unanswered: 3,
            lesson: "docs/scenario-1/SCENARIO.md".to_owned(),
            next: Some(next),
        };
        insta::assert_snapshot!(end, @r#"
        From run 001 to run 006: 0.1 -> 324.0 -> 6,052.0 successful requests per second (0.1 %, then 100.0 % of all requests).
        3 of 10 questions have no answer yet: docs/scenario-1/SCENARIO.md
        Next: "Two Servers", with: make scenario-2
        "#);
        end.runs.truncate(1);
        (end.unanswered, end.next) = (0, None);
        insta::assert_snapshot!(end, @"This was the last lesson. Next: see how far you came, with: make progress");
    }
}
