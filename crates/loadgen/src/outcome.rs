//! How a request ended: well, or with which class of error.

use serde::{Deserialize, Serialize};

/// How a request ended.
///
/// A redirect (3xx) is an answer: it counts as `Ok` and is not followed. Demand a body with
/// [`Endpoint::contains`](crate::Endpoint::contains) where a redirect would be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Answered below 400, with the body that was asked for.
    Ok,
    /// Answered 400 to 499: the request was wrong.
    #[serde(rename = "status_4xx")]
    Status4xx,
    /// Answered 500 or above: the server failed, or lacked something that it needs.
    #[serde(rename = "status_5xx")]
    Status5xx,
    /// Answered below 400, but the body lacks what [`Endpoint::contains`](crate::Endpoint::contains) demands.
    Check,
    /// No connection: refused, unreachable, or this machine has no free port.
    Connect,
    /// No whole answer in time.
    Timeout,
    /// The connection ended before the answer did.
    Reset,
    /// The answer is not HTTP/1.1.
    Parse,
}

impl Outcome {
    /// All but [`Outcome::Ok`].
    pub const ERRORS: [Self; 7] = [
        Self::Status4xx,
        Self::Status5xx,
        Self::Check,
        Self::Connect,
        Self::Timeout,
        Self::Reset,
        Self::Parse,
    ];

    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Status4xx => "status_4xx",
            Self::Status5xx => "status_5xx",
            Self::Check => "check",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::Parse => "parse",
        }
    }
}
