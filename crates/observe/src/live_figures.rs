//! The live figures of a load test: one small file per source, for any reader. The page shows them,
//! and Prometheus asks the page.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use loadgen::{Outcome, Progress};
use project::{Scenario, folders, read_json, write_json};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

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
    /// In words; `over` at the end.
    pub phase: String,
    /// Time in this phase, in seconds.
    pub elapsed_s: f64,
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
    /// The progress of a load test of `whole` length.
    pub fn new(phase: &str, whole: Duration, progress: &Progress) -> Self {
        let errors = Outcome::ERRORS.into_iter().zip(progress.by_class);
        Self {
            phase: phase.to_owned(),
            elapsed_s: progress.elapsed.as_secs_f64(),
            whole_s: whole.as_secs_f64(),
            ok: progress.ok,
            errors: errors.filter(|(_, count)| *count > 0).collect(),
            ok_per_s: progress.ok_per_s,
            latency_ms: progress.latency_ms,
            latency_samples: progress.latency_samples,
        }
    }

    /// The same, when it is over.
    pub fn over(self) -> Self {
        Self { phase: "over".to_owned(), ok_per_s: 0.0, latency_ms: None, ..self }
    }
}
