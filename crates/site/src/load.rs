//! The load test: start it, see how it goes, stop it, and what the last one found.

use anyhow::Context;
use format::{count, counted, latency, percent, throughput};
use maud::{Markup, html};
use observe::{
    live_figures::{LiveFigures, LoadNow},
    measurement::in_words,
    saved_runs::{self, SavedRun},
};
use view::{
    local_time::{at, date_and_time, time_of_day},
    results::p99,
    sparkline,
};

use crate::{Site, goals, lesson_text::tasks, request};

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
    // A load of a terminal is shown as well.
    let live = LiveFigures::of(&site.scenario).load();
    let is_check = running.as_ref().is_some_and(|job| job.command == goals::TYPED);
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
            Some(_) if is_check => p { "The check loads your system; its progress is below " a href="/goals#part-goals" { "Goals" } "." },
            Some(job) => form.inline method="post" action="/do/stop" {
                button name="job" value=(job.name) #stop-load { "Stop" }
                span { code { (job.command) } " runs, " (job.started.elapsed().as_secs()) " s" }
            },
            None if live.is_some() => p { "A load test runs in a terminal." },
            None => {
                form.inline method="post" action="/do/load" {
                    button.primary #start-load accesskey="l" { "Start the load test" }
                    span.soft { (counted(lesson.load.users as f64, "user")) " for " (lesson.load.duration_s) " s" }
                }
                @if let Some(why) = job.as_ref().and_then(|job| job.gave_up()) { p.warning { (why) } }
            }
        }
        @match (&live, &last) {
            (Some(now), _) if !is_check => (under_way(now)),
            (None, Some(run)) if running.is_none() => (found(run)),
            (None, None) if running.is_none() => p.soft { "No load test was run yet." },
            _ => {}
        }
        @if let Some(run) = last.as_ref().filter(|_| running.is_some() || live.is_some()) {
            p.soft { "Before: " (link(run)) ", " (run.subject.program()) ": " (in_short(run)) }
        }
        // A block of the lesson shows its own.
        @if let Some(job) = job.as_ref().filter(|job| job.name == LOAD && !job.runs()) {
            details #load-output {
                summary { "Full output" }
                (tasks::printed(&job.output(), "load-said"))
            }
        }
    };
    Ok((if running.is_some() || live.is_some() { 1 } else { 3 }, Some(say), content))
}

/// The figures of the load that is on, in the places of those that it will leave.
fn under_way(now: &LoadNow) -> Markup {
    let elapsed_s = now.began_s.min(now.whole_s);
    let (name, ms) = now.latency().map_or(("p99", "-".to_owned()), |(name, ms)| (name, latency(ms)));
    html! {
        progress max=(now.whole_s) value=(elapsed_s) aria-label="Progress of the load" {}
        p.now { (now.phase) ", " (format!("{elapsed_s:.0} of {:.0} s", now.whole_s)) }
        dl.figures.live {
            div class=[now.success_rate().is_some_and(is_bad).then_some("bad")] {
                dt { "Success" }
                dd { (now.success_rate().map_or_else(|| "-".to_owned(), percent)) }
            }
            div { dt { "Ok per second" } dd { (throughput(now.ok_per_s)) } }
            div { dt { (name) " latency" } dd { (ms) } }
            div { dt { "Failed" } dd { (count(now.failed())) } }
        }
        (sparkline::draw(now.last_rates(sparkline::VALUES)))
    }
}

/// Whether more than one request in a thousand fails.
fn is_bad(success_rate: f64) -> bool {
    success_rate < 0.999
}

/// To the report of `run`.
fn link(run: &SavedRun) -> Markup {
    html! { a href={ "/runs?run=" (run.run_id) "#report" } { "Run " (run.run_id) } }
}

/// The figures that matter, large.
fn found(run: &SavedRun) -> Markup {
    let total = run.run.summary().total;
    let started = at(run.started_unix_s);
    html! {
        dl.figures {
            div class=[is_bad(total.success_rate).then_some("bad")] { dt { "Success" } dd { (percent(total.success_rate)) } }
            div { dt { "Ok per second" } dd { (throughput(total.ok_per_s)) } }
            div { dt { "p99 latency" } dd { (p99(&total)) } }
            div { dt { "Failed" } dd { (count(total.requests - total.ok)) } }
            @if let Some(guess) = run.seen.predicted.and_then(|predicted| predicted.yours_per_s) {
                div { dt { "Your guess" } dd { (guess) " per second" } }
            }
        }
        p.soft {
            (link(run)) ", " (run.subject.program()) ", " (in_words(&run.run.plan)) ", " (run.length()) ", "
            time title=(date_and_time(started)) { (time_of_day(started)) }
        }
        @if let Some(failed) = request::failed(run) {
            p { a href={ "/request?id=" (failed) } { "Where a failed request spent its time" } }
        }
        @if let Some(why) = &run.run.why_invalid {
            p.warning { "Do not believe these numbers: " (why) "." }
        }
    }
}

fn in_short(run: &SavedRun) -> String {
    let total = run.run.summary().total;
    format!("{} succeeded, {} per second", percent(total.success_rate), throughput(total.ok_per_s))
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
