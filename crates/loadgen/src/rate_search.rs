//! Finds the highest rate of requests that a service sustains: the rate rises until the service does not keep up.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::{Plan, Progress, Run, Summary, run};

/// The first rate, where the plan has none: about what the slowest service of the lab sustains.
const FIRST_PER_S: f64 = 50.0;

/// The search ends outside these rates: no service of the lab is that slow, and none is that fast on one machine.
const RATES_PER_S: (f64, f64) = (1.0, 200_000.0);

/// How often the search halves the last doubling: the result is at most 5 % too low, because 2^(1/16) is 1.044.
const BISECTIONS: u32 = 4;

/// The limits within which a service keeps up with a rate.
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
    /// 1 % of errors; answers that are behind by no more than chance explains; half a second, because people notice
    /// longer waits.
    fn default() -> Self {
        Self { success_rate: 0.99, goodput: 0.95, p99_ms: 500.0 }
    }
}

/// One rate, and whether the service kept up with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Requests that began per second.
    pub rate_per_s: f64,
    /// Good answers that arrived per second during that time. `summary` also counts those that arrived later.
    pub answered_per_s: f64,
    /// What the load test measured.
    pub summary: Summary,
    /// Why the service did not keep up, in words; `None` when it did.
    pub why_not: Option<String>,
}

/// The result of the search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateSearch {
    /// The highest rate with which the service kept up; `None` when it kept up with none.
    pub sustained_per_s: Option<f64>,
    /// Whether the service is what limits the rate. `false` when the generator was the limit, or the search was stopped.
    pub found: bool,
    /// In the order in which they were measured.
    pub steps: Vec<Step>,
}

/// Doubles the rate until the service does not keep up, then halves the gap between the highest rate with which it did
/// and the lowest with which it did not.
///
/// `plan` gives the length of each step, and the first rate ([`Plan::rate_per_s`]). A step that fails is retried once,
/// because another program may have disturbed it. Set `stop`, and the search returns the steps so far.
///
/// # Errors
/// As [`run`].
pub fn search_rate(
    plan: &Plan,
    limits: &Limits,
    stop: &AtomicBool,
    mut progress: impl FnMut(f64, &Progress),
) -> anyhow::Result<RateSearch> {
    search(plan.rate_per_s.unwrap_or(FIRST_PER_S), |rate_per_s| {
        let plan = Plan { rate_per_s: Some(rate_per_s), ..plan.clone() };
        let run = run(&plan, stop, |now| progress(rate_per_s, now))?;
        Ok((!stop.load(Ordering::Relaxed)).then(|| Step::of(&run, rate_per_s, limits)))
    })
}

/// The search alone. `measure` measures one rate, or returns `None` to end the search.
fn search(
    first_per_s: f64,
    mut measure: impl FnMut(f64) -> anyhow::Result<Option<Step>>,
) -> anyhow::Result<RateSearch> {
    let mut result = RateSearch { sustained_per_s: None, found: false, steps: Vec::new() };
    let (mut rate, mut refused, mut bisections) = (first_per_s, None, 0);
    loop {
        let Some(step) = measure_with_retry(rate, &mut measure, &mut result.steps)? else {
            return Ok(result);
        };
        match step.why_not {
            // Also when the generator was late: the service kept up although the requests came in bursts.
            None => result.sustained_per_s = Some(rate),
            // The generator may be the cause.
            Some(_) if !step.summary.valid => return Ok(result),
            Some(_) => refused = Some(rate),
        }
        rate = match (result.sustained_per_s, refused) {
            (Some(good), Some(bad)) => (good * bad).sqrt(),
            (Some(good), None) => good * 2.0,
            (None, _) => rate / 2.0,
        };
        // 566 requests per second read better than 565.685.
        rate = if rate > 100.0 { rate.round() } else { rate };
        bisections += u32::from(result.sustained_per_s.is_some() && refused.is_some());
        if bisections > BISECTIONS {
            result.found = true;
            return Ok(result);
        }
        if !(RATES_PER_S.0..=RATES_PER_S.1).contains(&rate) {
            return Ok(result);
        }
    }
}

/// Measures `rate`, and retries once if that fails; returns the last of these steps.
fn measure_with_retry(
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
            run.grows().then(|| "the latency more than doubled and rose all the time: a queue grows faster than it is served".to_owned())
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
    let p99 = total.marked(0.99, format!("{:.0} ms", latency.p99));
    (latency.p99 > limits.p99_ms).then(|| format!("p99 was {p99}, and {:.0} ms is the limit", limits.p99_ms))
}

#[cfg(test)]
mod tests;
