//! The live figures of a load test: one small file per source, for any reader. The page shows them,
//! and Prometheus asks the page.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use loadgen::{Outcome, Progress, samples_needed};
use project::{Scenario, folders, read_json, write_json};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The phase of a load that has ended.
const OVER: &str = "over";

/// Where the tellers of a scenario write.
#[derive(Clone, Debug)]
pub struct LiveFigures(PathBuf);

/// The figures of one source.
pub trait LiveFigure: Serialize + DeserializeOwned {
    /// Whose file it is.
    const BY: &str;
}

/// The load generator's.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct LoadNow {
    /// In words.
    pub phase: String,
    /// Time in this phase, in seconds.
    pub elapsed_s: f64,
    /// Time since the load began, in seconds.
    #[serde(default)]
    pub began_s: f64,
    /// Of warming up and measuring together, in seconds.
    pub whole_s: f64,
    /// Good answers since measuring began.
    pub ok: u64,
    /// Errors since measuring began, by class.
    pub errors: BTreeMap<Outcome, u64>,
    /// Good answers per second, over the last second.
    pub ok_per_s: f64,
    /// p50, p95 and p99 of the last second's successful requests; `None` when there were none.
    pub latency_ms: Option<[f64; 3]>,
    /// How many those were.
    #[serde(default)]
    pub latency_samples: u64,
    /// Good answers per second, a value for each second so far, warming up included.
    #[serde(default)]
    pub rates: Vec<f64>,
}

impl LiveFigure for LoadNow {
    const BY: &str = "load";
}

impl LiveFigures {
    /// That of `scenario`.
    pub fn of(scenario: &Scenario) -> Self {
        Self(scenario.dir().join("live"))
    }

    /// Publishes `what`. A failed write is ignored, and everything keeps running.
    pub fn tell<T: LiveFigure>(&self, what: &T) {
        let _ = folders::private(&self.0).and_then(|()| write_json(&self.path::<T>(), what));
    }

    /// The figures published last; `None` when there are none.
    pub fn read<T: LiveFigure>(&self) -> Option<T> {
        read_json(&self.path::<T>())
    }

    /// The load test that runs now, also one that was started in another terminal.
    pub fn load(&self) -> Option<LoadNow> {
        self.read::<LoadNow>().filter(|load| load.is_on() && self.is_fresh::<LoadNow>())
    }

    /// Whether it is recent: a killed process cannot report its end.
    pub fn is_fresh<T: LiveFigure>(&self) -> bool {
        let written = fs::metadata(self.path::<T>()).and_then(|file| file.modified());
        written.is_ok_and(|time| time.elapsed().is_ok_and(|age| age < Duration::from_secs(2)))
    }

    fn path<T: LiveFigure>(&self) -> PathBuf {
        self.0.join(T::BY).with_extension("json")
    }
}

impl LoadNow {
    /// The `progress` of a load of `whole` length, `since` it began, with its `rates` so far.
    pub fn new(phase: &str, since: Duration, whole: Duration, progress: &Progress, rates: Vec<f64>) -> Self {
        let errors = Outcome::ERRORS.into_iter().zip(progress.by_class);
        Self {
            phase: phase.to_owned(),
            elapsed_s: progress.elapsed.as_secs_f64(),
            began_s: since.as_secs_f64(),
            whole_s: whole.as_secs_f64(),
            ok: progress.ok,
            errors: errors.filter(|(_, count)| *count > 0).collect(),
            ok_per_s: progress.ok_per_s,
            latency_ms: progress.latency_ms,
            latency_samples: progress.latency_samples,
            rates,
        }
    }

    /// Whether the load still runs.
    pub fn is_on(&self) -> bool {
        self.phase != OVER
    }

    /// Good answers and errors since measuring began, as a share; `None` before the first.
    pub fn success_rate(&self) -> Option<f64> {
        let all = self.ok + self.failed();
        (all > 0).then(|| self.ok as f64 / all as f64)
    }

    /// Its rates in the last `seconds`.
    pub fn last_rates(&self, seconds: usize) -> &[f64] {
        &self.rates[self.rates.len().saturating_sub(seconds)..]
    }

    /// Errors since measuring began, of all classes.
    pub fn failed(&self) -> u64 {
        self.errors.values().sum()
    }

    /// The highest percentile for which the last second had enough answers, and its value in milliseconds. The p99 of three
    /// answers would be the slowest of them.
    pub fn latency(&self) -> Option<(&'static str, f64)> {
        let [p50, p95, p99] = self.latency_ms?;
        let percentiles = [("p99", 0.99, p99), ("p95", 0.95, p95), ("p50", 0.5, p50)];
        let has_enough =
            |(_, quantile, _): &(&str, f64, f64)| self.latency_samples >= samples_needed(*quantile);
        percentiles.into_iter().find(has_enough).map(|(name, _, ms)| (name, ms))
    }

    /// The same, when it is over.
    pub fn over(self) -> Self {
        Self { phase: OVER.to_owned(), ok_per_s: 0.0, latency_ms: None, ..self }
    }
}
