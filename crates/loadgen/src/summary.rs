//! The summary of a run: the figures that people and scripts read first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{EndpointRun, Generator, Latencies, Outcome, Run, Unanswered, samples_needed};

/// The run in the shape of `lab load --json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// All endpoints together.
    #[serde(flatten)]
    pub total: Figures,
    /// Each on its own, in the order of the plan.
    pub endpoints: Vec<EndpointSummary>,
    /// Whether the users were waiting all the time. `None` in the open loop, whose users need not wait.
    #[serde(default)]
    pub little: Option<Little>,
    /// The longest time without a good answer.
    #[serde(default)]
    pub longest_silence_ms: u64,
    /// How the numbers still changed while they were measured, in words; `None` when they were steady.
    #[serde(default)]
    pub drift: Option<String>,
    /// The load generator itself: what it used, and whether something held it back.
    pub generator: Generator,
    /// Whether the generator did what the plan asked of it. The numbers of an invalid run mean nothing.
    pub valid: bool,
    /// Why not, in words.
    pub why_invalid: Option<String>,
}

/// One endpoint's part of a [`Summary`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointSummary {
    /// [`Endpoint::name`](crate::Endpoint::name).
    pub name: String,
    /// This endpoint alone.
    #[serde(flatten)]
    pub figures: Figures,
}

/// How some requests ended. The latencies are those of the successes alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Requests started while measuring: `ok`, all errors and the unanswered.
    pub requests: u64,
    /// Good answers.
    pub ok: u64,
    /// Every class of error, including those that did not occur.
    pub errors: BTreeMap<Outcome, ErrorSummary>,
    /// Requests that were still waiting when the run was stopped.
    pub unanswered: Unanswered,
    /// Requests that were retried because the server closed an idle connection; each counts once.
    #[serde(default, alias = "repeated")]
    pub retried: u64,
    /// `ok` of `requests`, 0 to 1; 0 when nothing was started.
    pub success_rate: f64,
    /// Good answers per second of measuring.
    pub ok_per_s: f64,
    /// `None` without a success. Of `ok` answers.
    pub latency_ms: Option<LatencyMs>,
    /// The percentiles of `latency_ms` for which `ok` answers are too few, `p99` for example; see [`samples_needed`].
    #[serde(default)]
    pub unreliable_percentiles: Vec<String>,
}

/// The percentiles of [`LatencyMs`], and the shares that they stand for.
const PERCENTILES: [(&str, f64); 3] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];

/// One class of error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorSummary {
    /// How many.
    pub count: u64,
    /// Up to three different bodies, or system errors where no answer came.
    pub samples: Vec<String>,
}

/// Latencies in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyMs {
    /// Arithmetic mean.
    pub mean: f64,
    /// Median.
    pub p50: f64,
    /// What 95 % did not exceed.
    pub p95: f64,
    /// What 99 % did not exceed.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

/// Little's law as a check on the run: throughput times latency is the number of requests in flight, and each
/// user keeps one there.
///
/// When fewer requests were in flight than there are users, users waited for the generator or paused after a lost
/// connection, or the run is short compared with its latencies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Little {
    /// Users of the plan.
    pub users: usize,
    /// Requests in flight on average, by throughput times mean latency of every request that ended.
    pub in_flight: f64,
    /// Whether the two agree within 2 %.
    pub holds: bool,
}

impl Run {
    /// The run in the shape of `lab load --json`.
    pub fn summary(&self) -> Summary {
        let mut all =
            EndpointRun { blocks: vec![BTreeMap::new(); self.blocks_recorded()], ..EndpointRun::default() };
        self.endpoints.iter().cloned().for_each(|endpoint| all.add(endpoint));
        let summary = |endpoint: &EndpointRun| EndpointSummary {
            name: endpoint.name.clone(),
            figures: Figures::of(endpoint, self.measured_s),
        };
        Summary {
            total: Figures::of(&all, self.measured_s),
            endpoints: self.endpoints.iter().map(summary).collect(),
            little: self.little(),
            longest_silence_ms: self.longest_silence_ms,
            drift: self.drift(),
            generator: self.generator,
            valid: self.why_invalid.is_none(),
            why_invalid: self.why_invalid.clone(),
        }
    }

    /// All latencies of successful requests.
    pub fn latencies(&self) -> Latencies {
        let mut all = Latencies::default();
        let blocks = self.endpoints.iter().flat_map(|endpoint| &endpoint.blocks);
        blocks.filter_map(|block| block.get(&Outcome::Ok)).for_each(|latencies| all.add(latencies));
        all
    }

    /// Little's law, checked on this run if it was a closed loop.
    pub fn little(&self) -> Option<Little> {
        if self.plan.rate_per_s.is_some() {
            return None;
        }
        let ended = self.endpoints.iter().flat_map(|endpoint| &endpoint.blocks).flat_map(BTreeMap::values);
        let waited_ms: f64 = ended.filter_map(|all| Some(all.mean_ms()? * all.count() as f64)).sum();
        let users = self.plan.users;
        let in_flight = ratio(waited_ms / 1_000.0, self.measured_s);
        Some(Little { users, in_flight, holds: (in_flight / users as f64 - 1.0).abs() <= 0.02 })
    }
}

impl Figures {
    fn of(endpoint: &EndpointRun, measured_s: f64) -> Self {
        let mut ended: BTreeMap<Outcome, Latencies> = BTreeMap::new();
        for (outcome, latencies) in endpoint.blocks.iter().flatten() {
            ended.entry(*outcome).or_default().add(latencies);
        }
        let count = |outcome| ended.get(&outcome).map_or(0, Latencies::count);
        let error = |outcome| ErrorSummary {
            count: count(outcome),
            samples: endpoint.samples.get(&outcome).cloned().unwrap_or_default(),
        };
        let ok = count(Outcome::Ok);
        let requests =
            ended.values().map(Latencies::count).fold(endpoint.unanswered.count, u64::saturating_add);
        Self {
            requests,
            ok,
            errors: Outcome::ERRORS.into_iter().map(|outcome| (outcome, error(outcome))).collect(),
            unanswered: endpoint.unanswered,
            retried: endpoint.retried,
            success_rate: ratio(ok as f64, requests as f64),
            ok_per_s: ratio(ok as f64, measured_s),
            latency_ms: ended.get(&Outcome::Ok).and_then(LatencyMs::of),
            unreliable_percentiles: PERCENTILES
                .into_iter()
                .filter(|&(_, quantile)| ok > 0 && ok < samples_needed(quantile))
                .map(|(name, _)| name.to_owned())
                .collect(),
        }
    }

    /// Whether the percentile `quantile` (0 to 1) of the latencies rests on enough answers.
    pub fn is_reliable(&self, quantile: f64) -> bool {
        self.ok >= samples_needed(quantile)
    }

    /// The percentile `quantile` (0 to 1) as it is `shown`, see [`mark_if_few`].
    pub fn marked(&self, quantile: f64, shown: String) -> String {
        mark_if_few(self.ok, quantile, shown)
    }
}

impl LatencyMs {
    fn of(latencies: &Latencies) -> Option<Self> {
        Some(Self {
            mean: latencies.mean_ms()?,
            p50: latencies.quantile_ms(0.5)?,
            p95: latencies.quantile_ms(0.95)?,
            p99: latencies.quantile_ms(0.99)?,
            max: latencies.quantile_ms(1.0)?,
        })
    }
}

/// The percentile `quantile` (0 to 1) of so many `samples` as it is `shown`, marked where they are too few:
/// `1380 ms (of 17)` is one of the few slowest answers.
pub fn mark_if_few(samples: u64, quantile: f64, shown: String) -> String {
    if samples >= samples_needed(quantile) { shown } else { format!("{shown} (of {samples})") }
}

/// 0 of nothing is 0, because JSON has no NaN.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
pub(crate) mod tests;
