//! Every environment variable of the worker.

use std::time::Duration;

use anyhow::ensure;
use hyper::Uri;
use shared::{
    config::{optional, required},
    logging::LogFormat,
};

/// The configuration of a worker.
pub struct Config {
    /// `JOBS_URL`: where the jobs are, `http://127.0.0.1:3000`.
    pub jobs_url: Uri,
    /// `WORKER`: its name, one of those the database knows.
    pub worker: String,
    /// `WORK_MS` (2,000): how long a job takes.
    pub work: Duration,
    /// `HEARTBEAT_MS` (10,000): how often it extends its lease. A third of the lease: one may get lost, and a second.
    pub heartbeat: Duration,
    /// `LOG_FORMAT` (`pretty`; `json`).
    pub log_format: LogFormat,
}

impl Config {
    /// Reads the configuration through `get`: the environment in `main`, a map in tests.
    ///
    /// # Errors
    /// Names the variable, what it held and what was expected.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let jobs_url: Uri = required(&get, "JOBS_URL")?;
        let is_base = jobs_url.scheme_str() == Some("http") && jobs_url.path() == "/";
        ensure!(is_base, "JOBS_URL=\"{jobs_url}\": expected http://host:port");
        let heartbeat_ms: u32 = optional(&get, "HEARTBEAT_MS", 10_000)?;
        ensure!(heartbeat_ms > 0, "HEARTBEAT_MS=\"0\": expected at least 1");
        Ok(Self {
            jobs_url,
            worker: required(&get, "WORKER")?,
            work: Duration::from_millis(optional(&get, "WORK_MS", 2_000)?),
            heartbeat: Duration::from_millis(heartbeat_ms.into()),
            log_format: optional(&get, "LOG_FORMAT", LogFormat::default())?,
        })
    }
}
