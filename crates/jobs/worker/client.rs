//! The jobs, as a worker sees them over HTTP.

use std::time::Duration;

use anyhow::bail;
use serde::Deserialize;
use serde_json::json;
use ureq::Agent;

use crate::config::Config;

/// How long an answer may take: longer than the 6 s a request has in the service.
const TIMEOUT: Duration = Duration::from_secs(7);

/// A job on lease. Its payload would be of interest to a worker that really does something.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    pub id: i64,
    #[serde(rename = "type")]
    pub kind: String,
    pub attempt: i32,
    pub lease_token: String,
}

/// What a worker can say of a job it holds.
#[derive(Clone, Copy)]
pub enum News {
    Finished,
    /// And why.
    Failed(&'static str),
    /// It takes longer.
    Working,
}

/// The service. Its methods block: a worker does one thing at a time.
pub struct Jobs {
    agent: Agent,
    url: String,
    worker: String,
}

impl Jobs {
    /// Connects when it is first asked something.
    pub fn new(config: &Config) -> Self {
        let agent = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        Self { agent: agent.build().new_agent(), url: config.jobs_url.clone(), worker: config.worker.clone() }
    }

    /// The next job; `None` when nothing waits.
    ///
    /// # Errors
    /// When the service is away, overloaded, or does not know this worker.
    pub fn claim(&self) -> anyhow::Result<Option<Claim>> {
        let url = format!("{}/jobs/claim", self.url);
        let mut answer = self.agent.post(url).send_json(json!({ "worker": self.worker }))?;
        match answer.status().as_u16() {
            200 => Ok(Some(answer.body_mut().read_json()?)),
            204 => Ok(None),
            _ => bail!(answer.body_mut().read_to_string()?),
        }
    }

    /// Tells the service; false when it will not hear of it: the lease was lost, most likely.
    ///
    /// # Errors
    /// When the service is away or overloaded: then it may have heard or not.
    pub fn report(&self, claim: &Claim, news: News) -> anyhow::Result<bool> {
        let (action, error) = match news {
            News::Finished => ("finish", None),
            News::Failed(error) => ("fail", Some(error)),
            News::Working => ("extend", None),
        };
        let report = json!({ "leaseToken": claim.lease_token, "action": action, "error": error });
        let url = format!("{}/jobs/{}", self.url, claim.id);
        let mut answer = self.agent.patch(url).send_json(report)?;
        match answer.status().as_u16() {
            200 => Ok(true),
            // It will not have this, now or later.
            400..500 => Ok(false),
            _ => bail!(answer.body_mut().read_to_string()?),
        }
    }
}
