//! The results of a load test, to be saved. Their summary is `Summary`.

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
    /// Answered 500 or above: the server failed, or lacked something that it needs.
    #[serde(rename = "status_5xx")]
    Status5xx,
    /// Answered below 400, but the body lacks what [`Endpoint::contains`](crate::Endpoint::contains) demands.
    Check,
    /// No connection: refused, unreachable, or this machine has no free port.
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

/// One complete load test: a saved run can be summarized, compared and drawn again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The plan that was run.
    pub plan: Plan,
    /// How long was measured: the plan's duration, or less when the run was stopped.
    pub measured_s: f64,
    /// In the order of the plan.
    pub endpoints: Vec<EndpointRun>,
    /// One row per second. Rows after `measured_s` hold the answers that arrived after the last request was sent.
    pub rows: Vec<Row>,
    /// The longest time without a good answer.
    pub longest_silence_ms: u64,
    /// The load generator itself: what it used, and whether something held it back.
    pub generator: Generator,
    /// Why the run is invalid, in words; `None` when it is valid.
    pub why_invalid: Option<String>,
}

/// How the requests to one endpoint ended that were started while measuring.
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
    /// Requests that were retried because the server closed an idle connection.
    #[serde(default)]
    pub retried: u64,
}

/// Requests that had no answer when the run ended. The oldest would have taken at least `oldest_ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Unanswered {
    /// How many.
    pub count: u64,
    /// How long the oldest had waited.
    pub oldest_ms: u64,
}

/// One second of the run: the answers that arrived in it.
///
/// They include answers to requests of the warm-up, so that the first second is like the others. The totals do not, and
/// can differ from the sum of the rows by the number of users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Counted from 0, when measuring began.
    pub second: u64,
    /// Good answers.
    pub ok: u64,
    /// Errors, by class; only classes that occurred.
    pub errors: BTreeMap<Outcome, u64>,
    /// Median latency of the good answers.
    pub p50_ms: Option<f64>,
    /// What 99 % of the good answers did not exceed.
    pub p99_ms: Option<f64>,
}

/// The load generator itself while measuring: what it used, and whether something held it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    /// CPU of all generator threads, in seconds.
    pub cpu_s: f64,
    /// CPU of the busiest thread, as a share (0 to 1) of the time.
    pub busy: f64,
    /// Open loop: 99 % of the requests began at most this late, in milliseconds. `None` in the closed loop, whose
    /// requests have no set times.
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
    /// Whether it was stopped before it had measured as long as was planned.
    pub fn was_stopped(&self) -> bool {
        // A hair's breadth: what was measured was measured with a clock.
        self.measured_s + 0.01 < self.plan.duration.as_secs_f64()
    }

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
        self.retried = self.retried.saturating_add(other.retried);
    }
}

impl Unanswered {
    pub(crate) fn add(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.oldest_ms = self.oldest_ms.max(other.oldest_ms);
    }
}
