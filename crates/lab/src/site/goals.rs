//! The verdict per goal, as the last check left it, and the check that is under way.

use std::{fs, sync::atomic::Ordering, time::SystemTime};

use anyhow::Context;
use maud::{Markup, html};
use serde::Deserialize;

use super::{Site, commands, jobs::Job};
use crate::{
    claims::Verdict,
    project::{Scenario, read_json},
};

/// The job, by its name and as it is typed.
const CHECK: &str = "check";
const TYPED: &str = "make check";

/// What `lab check` keeps.
#[derive(Deserialize)]
pub struct Checked {
    pub verdict: Verdict,
    pub claims: Vec<Claim>,
}

#[derive(Deserialize)]
pub struct Claim {
    id: String,
    title: String,
    pub verdict: Verdict,
    measured: Option<f64>,
    limit: String,
    unit: String,
    why: Option<String>,
    next: Option<String>,
}

impl Checked {
    /// The last check, and when it was; `None` when there was none.
    pub fn last(scenario: &Scenario) -> Option<(Self, SystemTime)> {
        let path = scenario.dir().join("check.json");
        Some((read_json(&path)?, fs::metadata(&path).ok()?.modified().ok()?))
    }

    /// How many goals are reached, and of how many.
    pub fn reached(&self) -> (usize, usize) {
        (self.claims.iter().filter(|claim| claim.verdict == Verdict::Pass).count(), self.claims.len())
    }
}

/// All goals; with them what a screen reader is told, and after how many seconds that may be old.
pub fn goals(site: &Site) -> (u32, Option<String>, Markup) {
    let job = site.jobs.last(TYPED);
    let running = job.as_ref().filter(|job| job.runs());
    let checked = Checked::last(&site.scenario);
    let say = match (&running, &checked) {
        (Some(_), _) => "The check runs".to_owned(),
        (None, Some((checked, _))) => {
            let (reached, all) = checked.reached();
            format!("Check: {}, {reached} of {all} goals are reached", checked.verdict)
        }
        (None, None) => String::new(),
    };
    let content = html! {
        h2 { "Goals" }
        @match running {
            Some(job) => (under_way(job)),
            None => {
                form.inline method="post" action="/do/check" {
                    button.primary #start-check { "Check my system" }
                    @if let Some((_, when)) = &checked { span.soft { "Last checked " (ago(*when)) } }
                }
                form.inline method="post" action="/do/watch" {
                    @let watches = site.watches.load(Ordering::Relaxed);
                    button.switch #watch role="switch" aria-checked=(watches) name="on" value=(!watches) { "Check again on every change" }
                }
                @if let Some(why) = job.as_ref().and_then(|job| job.gave_up()) { p.warning { (why) } }
            }
        }
        @match &checked {
            Some((checked, _)) => ol.goals { @for claim in &checked.claims { (verdict(claim)) } },
            None => p.soft { "Nothing was checked yet." },
        }
    };
    (if running.is_some() { 1 } else { 3 }, Some(say), content)
}

fn under_way(job: &Job) -> Markup {
    html! {
        form.inline method="post" action="/do/stop" {
            button name="job" value=(job.name) #stop-check { "Stop" }
            span { "Checking, " (job.started.elapsed().as_secs()) " s" }
        }
        progress aria-label="The check runs" {}
        p.now { (job.last_line().unwrap_or_else(|| "first whether it is right, then how it does under load".to_owned())) }
    }
}

fn verdict(claim: &Claim) -> Markup {
    let (class, sign) = match claim.verdict {
        Verdict::Pass => ("pass", "✓"),
        Verdict::Fail => ("fail", "✗"),
        Verdict::Inconclusive => ("inconclusive", "?"),
    };
    html! {
        li class=(class) id={ "goal-" (claim.id) } {
            p {
                span.sign aria-hidden="true" { (sign) }
                strong { (claim.title) }
                span.verdict { (claim.verdict) }
            }
            @if let Some(measured) = claim.measured {
                p.measured { (number(measured)) " " (claim.unit) span.soft { ", wanted: " (claim.limit) } }
            }
            @if let Some(why) = &claim.why { p { (why) } }
            @if let Some(next) = &claim.next { p.next { "Next: " (next) } }
        }
    }
}

/// As many digits as say something.
fn number(number: f64) -> String {
    let digits = match number.abs() {
        100.0.. => 0,
        1.0.. => 1,
        _ => 3,
    };
    let shown = format!("{number:.digits$}");
    if shown.contains('.') { shown.trim_end_matches('0').trim_end_matches('.').to_owned() } else { shown }
}

/// In words that stay true for a while.
fn ago(when: SystemTime) -> String {
    match when.elapsed().unwrap_or_default().as_secs() {
        0..60 => "less than a minute ago".to_owned(),
        seconds @ 60..3_600 => format!("{} min ago", seconds / 60),
        seconds => format!("{} h ago", seconds / 3_600),
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
