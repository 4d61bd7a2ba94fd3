//! The verdict per goal, as the last check left it, and the check that is under way.

use std::sync::atomic::Ordering;

use anyhow::Context;
use format::is_or_are;
use lesson::limits::with_unit;
use maud::{Markup, html};
use verdict::{
    check_report::{CheckReport, STALE},
    claims::Verdict,
    judge::GoalResult,
};

use crate::{Site, background::jobs::Job, lesson_text::commands};

/// The job, by its name and as it is typed.
const CHECK: &str = "check";
pub const TYPED: &str = "make check";

/// All goals, with the text for a screen reader and the seconds after which they may be stale.
pub fn goals(site: &Site) -> (u32, Option<String>, Markup) {
    let job = site.jobs.last(TYPED);
    let running = job.as_ref().filter(|job| job.runs());
    let checked = CheckReport::last(&site.scenario);
    let is_stale = checked.as_ref().is_some_and(|(checked, _)| site.current_system.makes_stale(checked));
    let say = match (&running, &checked) {
        (Some(_), _) => "The check runs".to_owned(),
        (None, Some((checked, _))) => {
            let (reached, all) = (checked.reached(), checked.goals.len());
            let when = if is_stale { ", before your last change" } else { "" };
            format!(
                "Check: {}, {reached} of {all} goals {} reached{when}",
                checked.verdict,
                is_or_are(reached)
            )
        }
        (None, None) => String::new(),
    };
    let content = html! {
        h2 { "Goals" }
        @match running {
            Some(job) => (under_way(job)),
            None => {
                form.inline method="post" action="/do/check" {
                    button.primary #start-check accesskey="c" { "Check my system" }
                    @if let Some((_, when)) = &checked { span.soft { "Last checked " (format::ago(*when)) } }
                }
                form.inline method="post" action="/do/watch" {
                    @let watches = site.watches.load(Ordering::Relaxed);
                    button.switch #watch role="switch" aria-checked=(watches) name="on" value=(!watches) { "Check again on every change" }
                }
                @if let Some(why) = job.as_ref().and_then(|job| job.gave_up()) { p.warning { (why) } }
            }
        }
        @if is_stale { p.warning { "These verdicts are from " (STALE) "." } }
        @match &checked {
            Some((checked, _)) => ol.goals { @for goal in &checked.goals { (verdict(goal)) } },
            None => {
                p.soft { "No check was run yet. These are the goals:" }
                ol.goals { @for title in titles(site) { li { p { span.sign aria-hidden="true" { "·" } (title) } } } }
            },
        }
    };
    (if running.is_some() { 1 } else { 3 }, Some(say), content)
}

/// What is checked. A lesson without goals that can be read says so when it is checked.
fn titles(site: &Site) -> Vec<String> {
    let goals = site.scenario.goals().ok();
    let titles = goals.map(|goals| {
        let promises = goals.promises.into_iter().map(|promise| promise.title);
        promises.chain(goals.goals.into_iter().map(|goal| goal.title)).collect()
    });
    titles.unwrap_or_default()
}

fn under_way(job: &Job) -> Markup {
    html! {
        form.inline method="post" action="/do/stop" {
            button name="job" value=(job.name) #stop-check { "Stop" }
            span { "Checking, " (job.started.elapsed().as_secs()) " s" }
        }
        progress aria-label="The check runs" {}
        p.now { (job.last_line().unwrap_or_else(|| "first correctness, then load".to_owned())) }
    }
}

fn verdict(goal: &GoalResult) -> Markup {
    let (class, sign) = match goal.verdict {
        Verdict::Pass => ("pass", "✓"),
        Verdict::Fail => ("fail", "✗"),
        Verdict::Inconclusive => ("inconclusive", "?"),
    };
    html! {
        li class=(class) id={ "goal-" (goal.id) } {
            p {
                span.sign aria-hidden="true" { (sign) }
                strong { (goal.title) }
                span.verdict { (goal.verdict) }
            }
            @if let Some(measured) = goal.measured {
                p.measured { (with_unit(measured, &goal.unit)) span.soft { ", wanted: " (goal.limit) } }
            }
            @if let Some(why) = &goal.why { p { (why) } }
            @if let Some(next) = &goal.next { p.next { "Next: " (next) } }
        }
    }
}

/// Starts a check.
///
/// # Errors
/// When something loads the system already.
pub fn start(site: &Site) -> anyhow::Result<()> {
    let command = commands::lab(&site.scenario, ["check"]).context("no check was started")?;
    site.jobs.start(CHECK, TYPED, true, command)
}
