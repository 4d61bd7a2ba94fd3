//! What a load test found: [`Run`] is all of it, to be saved; [`Summary`] is what people and scripts read
//! first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Latencies, Plan};

/// How a request ended.
///
/// A redirect (3xx) is an answer: it counts as `Ok` and is not followed. Demand a body with
/// [`Endpoint::contains`](crate::Endpoint::contains) where a redirect would be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Answered below 400, with the body that was asked for.
    Ok,
    /// Answered 400 to 499: the request was wrong.
    #[serde(rename = "status_4xx")]
    Status4xx,
    /// Answered 500 or above: the server failed, or refused for want of something.
    #[serde(rename = "status_5xx")]
    Status5xx,
    /// Answered well, but the body lacks what [`Endpoint::contains`](crate::Endpoint::contains) demands.
    Check,
    /// No connection: refused, unreachable, or this machine has no port left.
    Connect,
    /// No whole answer in time.
    Timeout,
    /// The connection ended before the answer did.
    Reset,
    /// The answer is not HTTP/1.1.
    Parse,
}

impl Outcome {
    /// All but [`Outcome::Ok`].
    pub const ERRORS: [Self; 7] = [
        Self::Status4xx,
        Self::Status5xx,
        Self::Check,
        Self::Connect,
        Self::Timeout,
        Self::Reset,
        Self::Parse,
    ];

    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Status4xx => "status_4xx",
            Self::Status5xx => "status_5xx",
            Self::Check => "check",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::Parse => "parse",
        }
    }
}

/// One load test, whole: a saved run can be summed up, compared and drawn again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// What was asked for.
    pub plan: Plan,
    /// How long requests that count were started: the plan's duration, or less when it was stopped.
    pub measured_s: f64,
    /// In the order of the plan.
    pub endpoints: Vec<EndpointRun>,
    /// The course of the run, one row per second; what arrived while the last answers were waited for comes
    /// after `measured_s`.
    pub rows: Vec<Row>,
    /// The longest time in which not one good answer arrived, to the millisecond.
    pub longest_silence_ms: u64,
    /// What measuring cost.
    pub generator: Generator,
    /// Why these numbers should not be believed, in words; `None` when nothing speaks against them.
    pub why_invalid: Option<String>,
}

/// What became of the requests to one endpoint that were started while measuring.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EndpointRun {
    /// [`Endpoint::name`](crate::Endpoint::name).
    pub name: String,
    /// Per block, how long the requests that were started in it took, by how they ended.
    pub blocks: Vec<BTreeMap<Outcome, Latencies>>,
    /// Up to three different bodies, or system errors, per class of error.
    pub samples: BTreeMap<Outcome, Vec<String>>,
    /// Requests that had no answer when the run was stopped.
    pub unanswered: Unanswered,
    /// Requests that were sent a second time, because the server closed the idle connection on which the first went.
    #[serde(default)]
    pub repeated: u64,
}

/// Requests that were still waiting when the run ended. How long they would have taken nobody knows: at least
/// `oldest_ms` for the oldest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Unanswered {
    /// How many.
    pub count: u64,
    /// How long the oldest had waited.
    pub oldest_ms: u64,
}

/// One second of the run: the answers that arrived in it.
///
/// Answers to requests from the warm-up are among them, so that the first second is like the others. The
/// totals leave these out, and can differ from the sum of the rows by as many as there are users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Counted from 0, when measuring began.
    pub second: u64,
    /// Good answers.
    pub ok: u64,
    /// Errors, by class; a class without any is left out.
    pub errors: BTreeMap<Outcome, u64>,
    /// Median latency of the good answers.
    pub p50_ms: Option<f64>,
    /// What 99 % of the good answers did not exceed.
    pub p99_ms: Option<f64>,
}

/// The generator's own cost while measuring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// CPU of all generator threads, in seconds.
    pub cpu_s: f64,
    /// CPU of the busiest thread, as a share (0 to 1) of the time.
    pub busy: f64,
    /// Open loop: how late 99 % of the requests, at most, were seen to be due, in milliseconds. `None` in the
    /// closed loop, which has no times to keep.
    #[serde(default)]
    pub lag_p99_ms: Option<f64>,
    /// How long a generator thread was ready to run and had no CPU, as a share (0 to 1) of the time; of all threads the
    /// one that waited longest. `None` where the kernel does not count it.
    #[serde(default)]
    pub cpu_wait: Option<f64>,
    /// How long a CPU quota (cgroup) held this process back, in seconds.
    #[serde(default)]
    pub throttled_s: f64,
    /// How long a generator thread did not run at all, in seconds: stopped by a signal, or frozen. Counts from the
    /// warm-up to the last answer.
    #[serde(default)]
    pub stood_still_s: f64,
}

impl Generator {
    /// What two threads measured together.
    pub(crate) fn add(self, other: Self) -> Self {
        let max = |mine: Option<f64>, others: Option<f64>| mine.into_iter().chain(others).reduce(f64::max);
        Self {
            cpu_s: self.cpu_s + other.cpu_s,
            busy: self.busy.max(other.busy),
            lag_p99_ms: max(self.lag_p99_ms, other.lag_p99_ms),
            cpu_wait: max(self.cpu_wait, other.cpu_wait),
            // One process: each thread has seen the same.
            throttled_s: self.throttled_s.max(other.throttled_s),
            stood_still_s: self.stood_still_s.max(other.stood_still_s),
        }
    }

    /// Rounded to what was measured with any certainty.
    pub(crate) fn rounded(self) -> Self {
        let thousandths = |value: f64| (value * 1_000.0).round() / 1_000.0;
        Self {
            cpu_s: thousandths(self.cpu_s),
            busy: thousandths(self.busy),
            lag_p99_ms: self.lag_p99_ms,
            cpu_wait: self.cpu_wait.map(thousandths),
            throttled_s: thousandths(self.throttled_s),
            stood_still_s: thousandths(self.stood_still_s),
        }
    }
}

/// Different samples that are kept per class of error.
const SAMPLES: usize = 3;

impl Run {
    /// How many blocks the results have: those of the plan, unless a saved run was changed by hand.
    pub(crate) fn blocks_recorded(&self) -> usize {
        self.endpoints.iter().map(|endpoint| endpoint.blocks.len()).max().unwrap_or_default()
    }
}

impl EndpointRun {
    pub(crate) fn keep_sample(&mut self, outcome: Outcome, sample: String) {
        let samples = self.samples.entry(outcome).or_default();
        if samples.len() < SAMPLES && !samples.contains(&sample) {
            samples.push(sample);
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (mine, others) in self.blocks.iter_mut().zip(other.blocks) {
            for (outcome, latencies) in others {
                mine.entry(outcome).or_default().add(&latencies);
            }
        }
        for (outcome, samples) in other.samples {
            samples.into_iter().for_each(|sample| self.keep_sample(outcome, sample));
        }
        self.unanswered.add(other.unanswered);
        self.repeated = self.repeated.saturating_add(other.repeated);
    }
}

impl Unanswered {
    pub(crate) fn add(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.oldest_ms = self.oldest_ms.max(other.oldest_ms);
    }
}
