//! A verdict per promise and goal, with the number, the limit, the likely cause and the next step.

use std::fmt::{self, Display, Formatter};

use lesson::{
    Measure,
    goals::{Base, Goal, Goals, Promise},
    limits::{shown, with_unit},
};
use observe::{invalid_index, measured::Measured, measurement::Observations};
use serde::{Deserialize, Serialize};

use crate::{
    claims::{Verdict, weigh},
    requests::NoAnswer,
};

/// The verdict stands in it.
const INDENT: &str = "             ";

/// The verdict on a promise or a goal.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct GoalResult {
    /// Its name.
    pub id: String,
    /// As the learner reads it.
    pub title: String,
    /// Whether it is reached.
    pub verdict: Verdict,
    /// In `unit`; `None` where nothing could be measured.
    pub measured: Option<f64>,
    /// In words.
    pub limit: String,
    /// Of `measured`.
    pub unit: String,
    /// What is probably wrong, and the evidence.
    pub why: Option<String>,
    /// Whether the system or the machine is the cause; `None` when nothing is wrong.
    pub whose: Option<Whose>,
    /// What to do now.
    pub next: Option<String>,
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The system that the learner changes.
    YourSystem,
    /// The machine: too busy, too small, or without a CPU cap.
    TheMachine,
}

/// Everything that one check measured.
pub struct Evidence {
    /// Under the lesson's load.
    pub measured: Measured,
    /// One server without the load balancer, if a goal needs it.
    pub alone: Option<Measured>,
    /// The database's own throughput without the service, per second, if a goal needs it.
    pub database_per_s: Option<f64>,
}

impl GoalResult {
    /// A promise that was kept `kept` times, and how it was broken otherwise.
    pub fn promise(promise: &Promise, kept: u32, broken: Option<&anyhow::Error>) -> Self {
        let verdict = if kept == promise.times { Verdict::Pass } else { Verdict::Fail };
        Self {
            id: promise.id.clone(),
            title: promise.title.clone(),
            verdict,
            measured: Some(f64::from(kept)),
            limit: format!("at least {}", with_unit(promise.times.into(), "times")),
            unit: "times".to_owned(),
            why: broken.map(|error| match error.is::<NoAnswer>() {
                true => format!("{error:#}"),
                false => format!("{} ({error:#})", promise.cause),
            }),
            whose: broken.map(|_| Whose::YourSystem),
            next: broken.map(|error| match error.is::<NoAnswer>() {
                true => "make status, then: make logs".to_owned(),
                false => promise.next.clone(),
            }),
        }
    }

    /// Something that is as it should be, and has no number.
    pub fn kept(id: &str, title: &str) -> Self {
        Self {
            verdict: Verdict::Pass,
            why: None,
            whose: None,
            next: None,
            ..Self::of_the_whole(id, title, String::new(), "")
        }
    }

    /// Compares a goal with the evidence.
    pub fn goal(goal: &Goal, evidence: &Evidence) -> Self {
        let Evidence { measured, alone, database_per_s } = evidence;
        if goal.measure == Measure::Spread && measured.seen.served.is_empty() && !measured.is_idle() {
            return Self::of_one_server(goal);
        }
        let mut from = vec![measured];
        let mut number = measured.value(goal.measure);
        match goal.relative_to {
            None => {}
            Some(Base::Database) => number /= database_per_s.unwrap_or(f64::NAN),
            Some(Base::Alone) => {
                from.extend(alone);
                number /= alone.as_ref().map_or(f64::NAN, |alone| alone.value(goal.measure));
            }
        }
        let (mut verdict, mut reason) = weigh(goal.limits(), number, &from);
        if goal.needs_cpu
            && verdict == Verdict::Fail
            && let Some(share) = starved(&measured.seen)
        {
            verdict = Verdict::Inconclusive;
            let percent = share * 100.0;
            reason = Some(format!("the busiest server got only {percent:.0} % of the CPU that it may use"));
        }
        let is_below = goal.at_least.is_some_and(|limit| number < limit);
        let is_above = goal.at_most.is_some_and(|limit| number > limit);
        let cause =
            goal.too_little.as_ref().filter(|_| is_below).or(goal.too_much.as_ref().filter(|_| is_above));
        let invalid_index = measured.invalid_indexes.first().filter(|_| goal.measure == Measure::RowsRead);
        let remark = invalid_index.map(|name| invalid_index::remark(name));
        let cause = remark.as_ref().or(cause);
        let why = [reason.as_ref(), cause].into_iter().flatten().cloned().collect::<Vec<_>>().join(": ");
        Self {
            why: (verdict != Verdict::Pass).then_some(why),
            whose: match verdict {
                Verdict::Pass => None,
                Verdict::Inconclusive => Some(Whose::TheMachine),
                Verdict::Fail => Some(Whose::YourSystem),
            },
            next: match verdict {
                Verdict::Pass => None,
                Verdict::Inconclusive => Some("close other programs, then: make check".to_owned()),
                Verdict::Fail => {
                    Some(invalid_index.map_or_else(|| goal.next.clone(), |name| invalid_index::remedy(name)))
                }
            },
            measured: number.is_finite().then_some(number),
            ..Self::unmeasured(goal, verdict)
        }
    }

    /// A goal that was not measured, because a correctness check failed.
    pub fn after_a_broken_promise(goal: &Goal) -> Self {
        let why = Some("not measured: the correctness checks failed first".to_owned());
        Self { why, ..Self::unmeasured(goal, Verdict::Inconclusive) }
    }

    /// A goal that compares servers, where there is one.
    fn of_one_server(goal: &Goal) -> Self {
        let why = "one server answers all requests, so there is no share to compare".to_owned();
        Self {
            why: Some(why),
            whose: Some(Whose::YourSystem),
            next: Some(goal.next.clone()),
            ..Self::unmeasured(goal, Verdict::Inconclusive)
        }
    }

    fn unmeasured(goal: &Goal, verdict: Verdict) -> Self {
        Self {
            id: goal.id.clone(),
            title: goal.title.clone(),
            verdict,
            measured: None,
            limit: goal.limits().in_words(goal.unit()),
            unit: goal.unit().to_owned(),
            why: None,
            whose: None,
            next: None,
        }
    }

    /// The same, caused by the machine.
    pub fn of_the_machine(id: &str, title: &str, why: String, next: &str) -> Self {
        let whose = Some(Whose::TheMachine);
        Self { verdict: Verdict::Inconclusive, whose, ..Self::of_the_whole(id, title, why, next) }
    }

    /// A problem that prevents the check.
    pub fn of_the_whole(id: &str, title: &str, why: String, next: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            verdict: Verdict::Fail,
            measured: None,
            limit: String::new(),
            unit: String::new(),
            why: Some(why),
            whose: Some(Whose::YourSystem),
            next: Some(next.to_owned()),
        }
    }
}

impl Display for GoalResult {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { title, verdict, measured, limit, unit, why, whose, .. } = self;
        write!(f, "{verdict:<12} {title}")?;
        match measured {
            Some(number) => write!(f, ": {} ({limit})", shown(*number, unit))?,
            None if !limit.is_empty() => write!(f, " ({limit})")?,
            None => {}
        }
        let Some(why) = why else { return Ok(()) };
        let whose = if *whose == Some(Whose::TheMachine) { "this machine: " } else { "" };
        // Below the title. A compiler's message has several lines.
        write!(f, "\n{INDENT}{}", format!("{whose}{why}").replace('\n', &format!("\n{INDENT}")))
    }
}

/// The share of its CPU that the busiest server had, where that is much less than all.
fn starved(seen: &Observations) -> Option<f64> {
    let share = seen.server_cores? / seen.server_size?;
    (share < 0.8).then_some(share)
}

/// Whether a load test alone shows that `goal` is reached.
pub fn is_reached_by(goal: &Goal, measured: &Measured) -> bool {
    weigh(goal.limits(), measured.value(goal.measure), &[measured]).0 == Verdict::Pass
}

/// Whether any goal needs `base`.
pub fn asks_for(goals: &Goals, base: Base) -> bool {
    goals.goals.iter().any(|goal| goal.relative_to == Some(base))
}

#[cfg(test)]
mod tests;
