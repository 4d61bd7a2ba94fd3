//! All lessons on one page: how far the learner is in each, which runs, and buttons to start and stop them.

use anyhow::Context;
use maud::{Markup, html};
use project::Scenario;

use crate::{
    Site,
    lesson_text::commands,
    overview::{LessonRow, Overview, page_of},
};

/// The part of the page, with the seconds after which it may be stale.
///
/// # Errors
/// When the progress, or a lesson, cannot be read.
pub fn lessons(site: &Site) -> anyhow::Result<(u32, Markup)> {
    let overview = Overview::read(&site.scenario.project())?;
    let is_starting =
        overview.lessons.values().any(|row| start_of(site, row.number).is_some_and(|job| job.runs()));
    let mut rows: Vec<_> = overview.lessons.values().collect();
    rows.sort_by_key(|row| row.number);
    let content = html! {
        ol.lessons { @for row in rows { (lesson(site, row)) } }
        p.next { "Next: " code { (overview.next) } }
    };
    Ok((if is_starting { 1 } else { 5 }, content))
}

fn lesson(site: &Site, row: &LessonRow) -> Markup {
    let number = row.number;
    let is_own = number == site.scenario.number;
    let start = start_of(site, number);
    let minutes = row.minutes.map(|minutes| format!("about {minutes} minutes, "));
    let other = Scenario { number, ..site.scenario.clone() };
    html! {
        li id={ "lesson-" (number) } class=[row.is_done().then_some("done")] {
            h2 { (number) ": " (row.title) @if row.is_done() { span.soft { " done" } } }
            p.soft { (minutes.unwrap_or_default()) (row.in_words()) }
            @if row.goals > 0 {
                progress max=(row.goals) value=(row.progress.reached.len()) aria-label={ "Goals reached in lesson " (number) } {}
            }
            @match (&start, row.is_running) {
                (Some(job), _) if job.runs() => p.now { "Starting: " (job.last_line().unwrap_or_default()) },
                (_, true) => div.inline {
                    @if is_own { a href="/" { "Go on with the lesson" } }
                    @else if let Some(url) = page_of(&other) { a href=(url) { "Go on with the lesson" } }
                    form method="post" action="/do/down" {
                        button name="scenario" value=(number) id={ "stop-lesson-" (number) } { "Stop" }
                    }
                    @if is_own { span.soft { "This page stops, too." } }
                },
                (_, false) => form.inline method="post" action="/do/up" {
                    button.primary name="scenario" value=(number) id={ "start-lesson-" (number) } { "Start" }
                    code { "make scenario-" (number) }
                },
            }
            @if let Some(why) = start.as_ref().and_then(|job| job.gave_up()) { p.warning { (why) } }
        }
    }
}

/// The start of scenario `number` from this page; `None` if there was none.
fn start_of(site: &Site, number: u8) -> Option<std::sync::Arc<crate::background::jobs::Job>> {
    site.jobs.last(&format!("make scenario-{number}"))
}

/// Starts the scenario whose number was sent.
///
/// # Errors
/// When the checkout has no scenario with that number, or a start of it is under way.
pub fn up(site: &Site, number: &str) -> anyhow::Result<()> {
    start(site, number, "up", "make scenario")
}

/// Stops the scenario whose number was sent.
///
/// # Errors
/// When the checkout has no scenario with that number, or a stop of it is under way.
pub fn down(site: &Site, number: &str) -> anyhow::Result<()> {
    start(site, number, "down", "cargo lab down")
}

fn start(site: &Site, number: &str, verb: &str, typed: &str) -> anyhow::Result<()> {
    let number = number.parse().with_context(|| format!("`{number}` is not the number of a scenario"))?;
    let scenario = site.scenario.project().scenario(number)?;
    let number = number.to_string();
    let separator = if typed.starts_with("make") { "-" } else { " " };
    let command = commands::lab(&scenario, [verb, &number])?;
    site.jobs.start(&format!("{verb}-{number}"), &format!("{typed}{separator}{number}"), false, command)
}
