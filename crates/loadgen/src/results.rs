//! The results of a load test, to be saved. Their summary is `Summary`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Latencies, Outcome, Plan};

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
    /// Requests with a name, of each outcome the slowest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<Trace>,
    /// Requests that had no answer when the run was stopped.
    pub unanswered: Unanswered,
    /// Requests that were retried because the server closed an idle connection.
    #[serde(default)]
    pub retried: u64,
}

/// How a request with a name ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Its `X-Request-Id`.
    pub request_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took, as the load generator saw it.
    pub took_ms: f64,
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

/// Traces that are kept of the requests that ended alike.
const TRACES: usize = 5;

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

    /// Keeps `trace` if it is one of the slowest.
    pub(crate) fn keep_trace(&mut self, trace: Trace) {
        let outcome = trace.outcome;
        let place = self.traces.partition_point(|other| other.took_ms >= trace.took_ms);
        self.traces.insert(place, trace);
        let alike = |trace: &&Trace| trace.outcome == outcome;
        if self.traces.iter().filter(alike).count() > TRACES
            && let Some(fastest) = self.traces.iter().rposition(|trace| alike(&trace))
        {
            self.traces.remove(fastest);
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
        other.traces.into_iter().for_each(|trace| self.keep_trace(trace));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_of_each_kind_are_kept() {
        let mut endpoint = EndpointRun::default();
        for took_ms in [3.0, 9.0, 1.0, 7.0, 5.0, 8.0] {
            for outcome in [Outcome::Ok, Outcome::Timeout] {
                endpoint.keep_trace(Trace { request_id: String::new(), outcome, took_ms });
            }
        }
        let of = |outcome| {
            endpoint.traces.iter().filter(move |trace| trace.outcome == outcome).map(|trace| trace.took_ms)
        };
        let kept = of(Outcome::Ok).collect::<Vec<_>>();
        assert_eq!(kept, [9.0, 8.0, 7.0, 5.0, 3.0]);
        assert_eq!(kept, of(Outcome::Timeout).collect::<Vec<_>>());
    }
}
