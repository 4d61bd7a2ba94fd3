//! What to ask, of whom, how many at once and for how long.

use std::time::Duration;

use anyhow::ensure;
use serde::{Deserialize, Serialize};

/// A load test: everything that must be equal for two runs to be comparable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Host and port, `127.0.0.1:3000`.
    pub target: String,
    /// What the users ask for, each as often as its weight says.
    pub endpoints: Vec<Endpoint>,
    /// Closed loop: users who ask, wait for the answer and ask again, without a pause between. Open loop: how
    /// many requests can be under way at once, each on a connection of its own; others wait for one.
    pub users: usize,
    /// `None` is a closed loop. With a rate it is an open one: so many requests begin per second, evenly spaced,
    /// whether or not those before them were answered.
    #[serde(default)]
    pub rate_per_s: Option<f64>,
    /// Load that is not measured: connections open, pools and caches fill.
    #[serde(rename = "warm_up_s", with = "seconds")]
    pub warm_up: Duration,
    /// How long requests that count are started.
    #[serde(rename = "duration_s", with = "seconds")]
    pub duration: Duration,
    /// How long a user waits for one answer, connecting included.
    #[serde(rename = "timeout_s", with = "seconds")]
    pub timeout: Duration,
    /// Equal parts of `duration` whose results are kept apart: two runs are compared block by block, because
    /// the requests within a run are not independent of each other.
    pub blocks: u32,
    /// Generator threads that share the users; see [`default_threads`].
    pub threads: usize,
    /// Decides each user's sequence of endpoints, and the numbers in their requests.
    pub seed: u64,
}

/// One kind of request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// What results call it.
    pub name: String,
    /// `GET` where nothing else is said.
    #[serde(default = "get")]
    pub method: String,
    /// Path and query, `/users/7/posts?limit=20`. In `/users/{1..50}/posts` the number is drawn anew for each
    /// request; so it is in headers and bodies.
    pub path: String,
    /// Sent as they are; `Host` and `Content-Length` are added where missing.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Empty for none.
    #[serde(default)]
    pub body: String,
    /// Share of the requests, relative to the other weights.
    #[serde(default = "one")]
    pub weight: u32,
    /// What the body of a good answer holds; one without it counts as
    /// [`Outcome::Check`](crate::Outcome::Check).
    #[serde(default)]
    pub contains: Option<String>,
}

/// Generator threads for this machine: a quarter of its cores, at least one.
///
/// The generator steals from the server it measures. One thread asks 100,000 times a second and more, ten
/// times what the lab's services answer (`cargo bench -p loadgen`); on two cores a second one asked no faster.
pub fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 4).max(1))
}

impl Endpoint {
    /// `GET path`, called by that path.
    pub fn get(path: &str) -> Self {
        Self {
            name: path.to_owned(),
            method: get(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: String::new(),
            weight: one(),
            contains: None,
        }
    }
}

impl Plan {
    /// # Errors
    /// Names the field that makes the plan impossible to run.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        ensure!(!self.endpoints.is_empty(), "the plan has no endpoints");
        let weights: u64 = self.endpoints.iter().map(|endpoint| u64::from(endpoint.weight)).sum();
        ensure!(weights > 0, "every endpoint has the weight 0");
        ensure!(weights <= u64::from(u32::MAX), "the weights add up to more than {}", u32::MAX);
        ensure!(self.users > 0, "the plan has no users");
        ensure!(
            self.rate_per_s.is_none_or(|rate| rate.is_finite() && rate > 0.0),
            "the plan has a rate that is none"
        );
        ensure!(self.threads > 0, "the plan has no threads");
        ensure!(self.blocks > 0, "the plan has no blocks");
        ensure!(!self.duration.is_zero(), "the plan measures for no time");
        ensure!(!self.timeout.is_zero(), "the plan waits no time for an answer");
        Ok(())
    }
}

fn get() -> String {
    "GET".into()
}

fn one() -> u32 {
    1
}

/// Durations as seconds with a fraction, so that a saved plan reads as people speak of it.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
