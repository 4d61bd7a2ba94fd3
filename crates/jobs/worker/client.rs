//! The jobs, as a worker sees them over HTTP.

use std::time::Duration;

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, StatusCode, Uri,
    body::Bytes,
    client::conn::http1,
    header::{CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{net::TcpStream, spawn, time::timeout};

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

/// The service. It gets a connection per request: a worker asks it every few seconds at most.
#[derive(Clone)]
pub struct Jobs {
    url: Uri,
    worker: String,
}

impl Jobs {
    /// Connects when it is first asked something.
    pub fn new(config: &Config) -> Self {
        Self { url: config.jobs_url.clone(), worker: config.worker.clone() }
    }

    /// The next job; `None` when nothing waits.
    ///
    /// # Errors
    /// When the service is unavailable or overloaded, or does not know this worker.
    pub async fn claim(&self) -> anyhow::Result<Option<Claim>> {
        let (status, body) = self.send(Method::POST, "/jobs/claim", json!({ "worker": self.worker })).await?;
        match status.as_u16() {
            200 => Ok(Some(serde_json::from_slice(&body)?)),
            204 => Ok(None),
            _ => bail!("{status}: {}", String::from_utf8_lossy(&body)),
        }
    }

    /// Tells the service; false when it refuses: the lease was lost, most likely.
    ///
    /// # Errors
    /// When the service is unavailable or overloaded: then it may have heard or not.
    pub async fn report(&self, claim: &Claim, news: News) -> anyhow::Result<bool> {
        let (action, error) = match news {
            News::Finished => ("finish", None),
            News::Failed(error) => ("fail", Some(error)),
            News::Working => ("extend", None),
        };
        let report = json!({ "leaseToken": claim.lease_token, "action": action, "error": error });
        let (status, body) = self.send(Method::PATCH, &format!("/jobs/{}", claim.id), report).await?;
        match status.as_u16() {
            200 => Ok(true),
            // It will refuse this later, too.
            400..500 => Ok(false),
            _ => bail!("{status}: {}", String::from_utf8_lossy(&body)),
        }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> anyhow::Result<(StatusCode, Bytes)> {
        let host = self.url.host().context("the URL has no host")?;
        let authority = self.url.authority().context("the URL has no host")?.as_str();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, authority)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.to_string())))?;
        let exchange = async {
            let stream = TcpStream::connect((host, self.url.port_u16().unwrap_or(80))).await?;
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            // Carries the bytes; it ends when the sender is dropped.
            spawn(connection);
            let answer = sender.send_request(request).await?;
            let status = answer.status();
            anyhow::Ok((status, answer.into_body().collect().await?.to_bytes()))
        };
        timeout(TIMEOUT, exchange)
            .await
            .with_context(|| format!("no answer within {} s", TIMEOUT.as_secs()))?
    }
}
