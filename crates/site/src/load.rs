//! The load test: start it, see how it goes, stop it, and what the last one found.

use anyhow::Context;
use chrono::DateTime;
use format::{counted, percent};
use lesson::Lesson;
use maud::{Markup, html};
use observe::{
    measurement::in_words,
    saved_runs::{self, SavedRun},
};
use view::results::p99;

use crate::{Site, background::jobs::Job, lesson_text::tasks};

/// The job, by its name and as it is typed.
const LOAD: &str = "load";
const TYPED: &str = "make loadtest";

/// The load test as it is now, with the text for a screen reader and the seconds after which it may be stale.
///
/// # Errors
/// When the lesson cannot be read.
pub fn load(site: &Site) -> anyhow::Result<(u32, Option<String>, Markup)> {
    let lesson = site.scenario.lesson()?;
    let job = site.jobs.last(TYPED);
    let running = site.jobs.loading();
    let last = saved_runs::last(&site.scenario).ok();
    let say = match (&running, &last) {
        // Not every second: a screen reader reads it aloud.
        (Some(job), _) => format!("`{}` runs, {} s", job.command, job.started.elapsed().as_secs() / 10 * 10),
        (None, Some(run)) => format!("The last load test: {}", in_short(run)),
        (None, None) => String::new(),
    };
    let content = html! {
        h2 { "Load test" }
        @match &running {
            Some(job) => (under_way(&lesson, job)),
            None => {
                form.inline method="post" action="/do/load" {
                    button.primary #start-load { "Start the load test" }
                    span.soft { (counted(lesson.load.users as f64, "user")) " for " (lesson.load.duration_s) " s" }
                }
                @if let Some(why) = job.as_ref().and_then(|job| job.gave_up()) { p.warning { (why) } }
            }
        }
        @match &last {
            Some(run) => (found(run)),
            None => p.soft { "No load test was run yet." },
        }
        // A block of the lesson shows its own.
        @if let Some(job) = job.as_ref().filter(|job| job.name == LOAD && !job.runs()) {
            details #load-output {
                summary { "Full output" }
                (tasks::printed(&job.output(), "load-said"))
            }
        }
    };
    Ok((if running.is_some() { 1 } else { 3 }, Some(say), content))
}

fn under_way(lesson: &Lesson, job: &Job) -> Markup {
    let all = (lesson.load.warm_up_s + lesson.load.duration_s) as f64;
    let elapsed = job.started.elapsed().as_secs_f64();
    html! {
        form.inline method="post" action="/do/stop" {
            button name="job" value=(job.name) #stop-load { "Stop" }
            span { code { (job.command) } " runs, " (format!("{elapsed:.0} s")) }
        }
        progress max=(all) value=(elapsed.min(all)) aria-label="Progress of the load test" {}
        p.now { (job.last_line().unwrap_or_else(|| "getting ready".to_owned())) }
    }
}

/// The figures that matter, large.
fn found(run: &SavedRun) -> Markup {
    let total = run.run.summary().total;
    let started = DateTime::from_timestamp(run.started_unix_s as i64, 0).unwrap_or_default();
    html! {
        dl.figures {
            div class=[(total.success_rate < 0.999).then_some("bad")] { dt { "Success" } dd { (percent(total.success_rate)) } }
            div { dt { "Ok per second" } dd { (format!("{:.1}", total.ok_per_s)) } }
            div { dt { "p99 latency" } dd { (p99(&total)) } }
            div { dt { "Failed" } dd { (total.requests - total.ok) } }
            @if let Some(guess) = run.seen.predicted.and_then(|predicted| predicted.yours_per_s) {
                div { dt { "Your guess" } dd { (guess) " per second" } }
            }
        }
        p.soft {
            a href={ "/runs?run=" (run.run_id) "#report" } { "Run " (run.run_id) } ", " (run.subject.program()) ", " (in_words(&run.run.plan)) ", " (run.length()) ", "
            time datetime=(started.to_rfc3339()) { (started.format("%H:%M UTC")) }
        }
        @if let Some(why) = &run.run.why_invalid {
            p.warning { "Do not believe these numbers: " (why) "." }
        }
    }
}

fn in_short(run: &SavedRun) -> String {
    let total = run.run.summary().total;
    format!("{} succeeded, {:.1} per second", percent(total.success_rate), total.ok_per_s)
}

/// Starts the lesson's load test.
///
/// # Errors
/// When something loads the system already.
pub fn start(site: &Site) -> anyhow::Result<()> {
    let command =
        crate::lesson_text::commands::lab(&site.scenario, ["load"]).context("no load test was started")?;
    site.jobs.start(LOAD, TYPED, true, command)
}
