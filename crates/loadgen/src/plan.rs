//! The plan of a load test: which requests, to which server, with how many users, and for how long.

use std::time::Duration;

use anyhow::ensure;
use serde::{Deserialize, Serialize};

/// Points in time that lie far ahead cannot be computed.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A load test: two runs are comparable only when all of this is equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Host and port, `127.0.0.1:3000`.
    pub target: String,
    /// The requests of the users; the weights decide how often each is sent.
    pub endpoints: Vec<Endpoint>,
    /// Closed loop: each user sends a request, waits for the answer and sends the next, without a pause. Open loop: how
    /// many requests can be in flight at the same time, each on its own connection; further requests wait.
    pub users: usize,
    /// `None` is a closed loop. A rate is an open loop: this many requests begin per second, at equal intervals, whether
    /// or not earlier ones were answered.
    #[serde(default)]
    pub rate_per_s: Option<f64>,
    /// Load that is not measured, while connections open and pools and caches fill.
    #[serde(rename = "warm_up_s", with = "seconds")]
    pub warm_up: Duration,
    /// How long to measure.
    #[serde(rename = "duration_s", with = "seconds")]
    pub duration: Duration,
    /// How long a user waits for one answer, including the time to connect.
    #[serde(rename = "timeout_s", with = "seconds")]
    pub timeout: Duration,
    /// Number of equal parts of `duration` that have separate results. Two runs are compared block by block, because the
    /// requests of a run are not independent of each other.
    pub blocks: u32,
    /// Generator threads that share the users; see [`default_threads`].
    pub threads: usize,
    /// Decides each user's sequence of endpoints, and the numbers in their requests.
    pub seed: u64,
}

/// One kind of request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its name in the results.
    pub name: String,
    /// `GET` by default.
    #[serde(default = "get")]
    pub method: String,
    /// Path and query, `/users/7/posts?limit=20`. In `/users/{1..50}/posts`, each request has another
    /// random number. Headers and bodies can contain such numbers, too.
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
    /// Text that the body of a good answer contains; an answer without it counts as `Outcome::Check`.
    #[serde(default)]
    pub contains: Option<String>,
}

/// Generator threads for this machine: a quarter of its cores, at least one.
///
/// The generator uses CPU that the server then lacks. One thread sends more than 100,000 requests per second, ten times
/// what the lab's services answer (`cargo bench -p loadgen`). On two cores, a second thread sent no more.
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
            "the rate of the plan is not a positive number"
        );
        ensure!(self.threads > 0, "the plan has no threads");
        ensure!(self.blocks > 0, "the plan has no blocks");
        ensure!(!self.duration.is_zero(), "the plan has a duration of 0");
        ensure!(!self.timeout.is_zero(), "the plan has a timeout of 0");
        let longest = self.warm_up.max(self.duration).max(self.timeout);
        ensure!(longest <= DAY, "a time of the plan is {} s, more than a day", longest.as_secs());
        Ok(())
    }
}

fn get() -> String {
    "GET".into()
}

fn one() -> u32 {
    1
}

/// Durations as seconds with a fraction, which people can read in a saved plan.
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
