//! How much can it take? Rates rise by steps until the service no longer keeps up.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::{Plan, Progress, Run, Summary, run};

/// The first rate where the plan has none; the lab's slowest service sustains about as much.
const FIRST_PER_S: f64 = 50.0;

/// No service of the lab is that slow, nor any that fast on one machine.
const RATES_PER_S: (f64, f64) = (1.0, 200_000.0);

/// Halvings of the last doubling: the answer is at most 5 % too low, for 2^(1/16) is 1.044.
const HALVINGS: u32 = 4;

/// What a service keeps to that keeps up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Share of the requests that must succeed, 0 to 1.
    pub success_rate: f64,
    /// Good answers per second, as a share (0 to 1) of the requests per second.
    pub goodput: f64,
    /// What 99 % of the latencies may not exceed.
    pub p99_ms: f64,
}

impl Default for Limits {
    /// 1 % of errors; answers that fall behind by no more than a block shows by chance; half a second, which
    /// people notice.
    fn default() -> Self {
        Self { success_rate: 0.99, goodput: 0.95, p99_ms: 500.0 }
    }
}

/// One rate, and how the service took it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Requests that began per second.
    pub rate_per_s: f64,
    /// Good answers per second that came while they did; what came late is in `summary` as well.
    pub answered_per_s: f64,
    /// What was measured.
    pub summary: Summary,
    /// How the service did not keep up, in words; `None` when it did.
    pub why_not: Option<String>,
}

/// What all steps say together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Climb {
    /// The highest rate that the service kept up with; `None` when there was none.
    pub sustained_per_s: Option<f64>,
    /// Whether it is the service that ends there, and not the generator or somebody's patience.
    pub found: bool,
    /// In the order in which they were measured.
    pub steps: Vec<Step>,
}

/// Doubles the rate until the service does not keep up, then halves the gap between the best and the worst.
///
/// `plan` says how long each step is, and where to begin ([`Plan::rate_per_s`]). A step that fails is tried once
/// more, because laptops hiccup. Set `stop` and it returns what it has.
///
/// # Errors
/// As [`run`].
pub fn climb(
    plan: &Plan,
    limits: &Limits,
    stop: &AtomicBool,
    mut progress: impl FnMut(f64, &Progress),
) -> anyhow::Result<Climb> {
    ascend(plan.rate_per_s.unwrap_or(FIRST_PER_S), |rate_per_s| {
        let plan = Plan { rate_per_s: Some(rate_per_s), ..plan.clone() };
        let run = run(&plan, stop, |now| progress(rate_per_s, now))?;
        Ok((!stop.load(Ordering::Relaxed)).then(|| Step::of(&run, rate_per_s, limits)))
    })
}

/// The climb itself, by whatever can `measure` a rate; it returns `None` to end it.
fn ascend(
    first_per_s: f64,
    mut measure: impl FnMut(f64) -> anyhow::Result<Option<Step>>,
) -> anyhow::Result<Climb> {
    let mut climb = Climb { sustained_per_s: None, found: false, steps: Vec::new() };
    let (mut rate, mut refused, mut halvings) = (first_per_s, None, 0);
    loop {
        let Some(step) = twice(rate, &mut measure, &mut climb.steps)? else { return Ok(climb) };
        match step.why_not {
            // Also when the generator was late: its requests came in bursts, and the service kept up all the same.
            None => climb.sustained_per_s = Some(rate),
            // It may be the generator's fault.
            Some(_) if !step.summary.valid => return Ok(climb),
            Some(_) => refused = Some(rate),
        }
        rate = match (climb.sustained_per_s, refused) {
            (Some(good), Some(bad)) => (good * bad).sqrt(),
            (Some(good), None) => good * 2.0,
            (None, _) => rate / 2.0,
        };
        // Nobody wants to ask 565.685 times a second.
        rate = if rate > 100.0 { rate.round() } else { rate };
        halvings += u32::from(climb.sustained_per_s.is_some() && refused.is_some());
        if halvings > HALVINGS {
            climb.found = true;
            return Ok(climb);
        }
        if !(RATES_PER_S.0..=RATES_PER_S.1).contains(&rate) {
            return Ok(climb);
        }
    }
}

/// Measures `rate`, and once more if that fails; the last step of these.
fn twice(
    rate: f64,
    measure: &mut impl FnMut(f64) -> anyhow::Result<Option<Step>>,
    steps: &mut Vec<Step>,
) -> anyhow::Result<Option<Step>> {
    let mut last = None;
    for _ in 0..2 {
        let Some(step) = measure(rate)? else { return Ok(None) };
        steps.push(step.clone());
        let done = step.why_not.is_none();
        last = Some(step);
        if done {
            break;
        }
    }
    Ok(last)
}

impl Step {
    fn of(run: &Run, rate_per_s: f64, limits: &Limits) -> Self {
        let summary = run.summary();
        let answered_per_s = run.answered_per_s();
        let why_not = why_not(&summary, answered_per_s, rate_per_s, limits).or_else(|| {
            run.grows().then(|| "the latency grew and grew: a queue that nobody empties".to_owned())
        });
        Self { rate_per_s, answered_per_s, summary, why_not }
    }
}

fn why_not(summary: &Summary, answered_per_s: f64, rate_per_s: f64, limits: &Limits) -> Option<String> {
    let total = &summary.total;
    let Some(latency) = total.latency_ms else { return Some("not one request succeeded".to_owned()) };
    if total.success_rate < limits.success_rate {
        let (class, _) = total.errors.iter().max_by_key(|(_, errors)| errors.count)?;
        let share = 100.0 * (1.0 - total.success_rate);
        return Some(format!("{share:.1} % of the requests failed, most of them by {}", class.name()));
    }
    if answered_per_s < limits.goodput * rate_per_s {
        return Some(format!("only {answered_per_s:.0} per second were answered"));
    }
    (latency.p99 > limits.p99_ms)
        .then(|| format!("p99 was {:.0} ms, and {:.0} ms is the limit", latency.p99, limits.p99_ms))
}

#[cfg(test)]
mod tests;
