//! Questions to a Prometheus.
//!
//! Source: Prometheus manual, "HTTP API".

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, anyhow, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use loadgen::{Endpoint, fetch};
use project::{
    Scenario,
    prometheus_user::{PASSWORD, USER},
    spec_file::Spec,
};
use serde::{Deserialize, de::DeserializeOwned};

/// A person waits for the page.
const PATIENCE: Duration = Duration::from_secs(2);

/// No plot shows more points.
const POINTS: u64 = 150;

/// A Prometheus on 127.0.0.1, and the password for it.
#[derive(Clone)]
pub struct Prometheus {
    port: u16,
    password: String,
}

/// A stretch of time, and the points of it that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// In seconds since 1970.
    pub from: u64,
    /// The same.
    pub to: u64,
    /// Between two points, in seconds.
    pub step: u64,
}

/// A series of an answer.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// The labels that identify it.
    pub metric: BTreeMap<String, String>,
    /// Seconds since 1970, and a number, which may be `NaN`.
    values: Vec<(f64, String)>,
}

#[derive(Deserialize)]
struct Whole<T> {
    data: Option<T>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Matrix {
    result: Vec<Answer>,
}

#[derive(Deserialize)]
struct Targets {
    #[serde(rename = "activeTargets")]
    active: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    labels: Labels,
    /// `up`, `down` or, before the first question, `unknown`.
    health: String,
}

#[derive(Deserialize)]
struct Labels {
    job: String,
    instance: String,
}

impl Range {
    /// The last `length`.
    pub fn last(length: Duration) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let step = length.as_secs().div_ceil(POINTS).max(1);
        // At the same points each time, or lines would tremble.
        let to = now / step * step;
        Self { from: to - length.as_secs() / step * step, to, step }
    }

    /// How many points it has.
    pub fn points(self) -> usize {
        ((self.to - self.from) / self.step) as usize + 1
    }
}

impl Prometheus {
    /// The one of `scenario`, which runs `spec`; `None` if it has none.
    ///
    /// # Errors
    /// When its password cannot be read.
    pub fn of(scenario: &Scenario, spec: &Spec) -> anyhow::Result<Option<Self>> {
        let port = spec.prometheus().and_then(|service| service.port);
        port.map(|port| Ok(Self { port: port.native, password: scenario.password(PASSWORD)? })).transpose()
    }

    /// The values of `expr` in `range`. Blocks.
    ///
    /// # Errors
    /// When Prometheus is unavailable, or rejects the query.
    pub fn range(&self, expr: &str, range: Range) -> anyhow::Result<Vec<Answer>> {
        let Range { from, to, step } = range;
        let query = percent_encoded(expr);
        let path = format!("/api/v1/query_range?query={query}&start={from}&end={to}&step={step}");
        self.get::<Matrix>(&path).map(|matrix| matrix.result)
    }

    /// Jobs and instances of the targets that it has scraped itself. Blocks.
    ///
    /// # Errors
    /// When it is unavailable.
    pub fn asked(&self) -> anyhow::Result<BTreeSet<(String, String)>> {
        let targets: Targets = self.get("/api/v1/targets?state=active")?;
        let asked = targets.active.into_iter().filter(|target| target.health != "unknown");
        Ok(asked.map(|target| (target.labels.job, target.labels.instance)).collect())
    }

    /// Its address.
    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The value of the header `Authorization`.
    pub(super) fn authorization(&self) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(format!("{USER}:{}", self.password)))
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let headers = vec![("Authorization".to_owned(), self.authorization())];
        // Without the query, which is long and which the user did not type.
        let answer = fetch(&self.address(), &Endpoint { headers, ..Endpoint::get(path) }, PATIENCE)
            .map_err(|error| anyhow!("Prometheus does not answer: {}", error.root_cause()))?;
        let whole: Whole<T> = serde_json::from_slice(&answer.body)
            .with_context(|| format!("Prometheus answers {} without JSON", answer.status))?;
        match whole {
            Whole { data: Some(data), .. } => Ok(data),
            Whole { error, .. } => bail!("Prometheus says: {}", error.unwrap_or_default()),
        }
    }
}

impl Answer {
    /// Its value at each point of `range`; `None` where it has none.
    pub fn values(&self, range: Range) -> Vec<Option<f64>> {
        let mut values = vec![None; range.points()];
        for (time, value) in &self.values {
            let place = (*time as u64).checked_sub(range.from).map(|since| (since / range.step) as usize);
            let value = value.parse().ok().filter(|value: &f64| value.is_finite());
            if let Some(slot) = place.and_then(|place| values.get_mut(place)) {
                *slot = value;
            }
        }
        values
    }
}

/// Source: RFC 3986, 2.3: everything else may mean something in a URL.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte as char);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_at_the_points_of_the_range() {
        let json =
            r#"{"metric": {}, "values": [[98, "9"], [100, "1.5"], [104, "NaN"], [106, "2"], [108, "9"]]}"#;
        let answer: Answer = serde_json::from_str(json).unwrap();
        let range = Range { from: 100, to: 106, step: 2 };
        assert_eq!(answer.values(range), [Some(1.5), None, None, Some(2.0)]);
    }

    #[test]
    fn a_range_ends_at_a_whole_step() {
        let Range { from, to, step } = Range::last(Duration::from_secs(300));
        assert_eq!((step, to % step, to - from), (2, 0, 300));
        assert_eq!(Range::last(Duration::from_secs(10)).points(), 11);
    }

    #[test]
    fn a_question_fits_into_a_url() {
        assert_eq!(percent_encoded("a{b=~\"2..\"}[1s]"), "a%7Bb%3D~%222..%22%7D%5B1s%5D");
    }
}
