//! One request on a connection of its own.

use std::time::Duration;

use crate::Endpoint;

/// A whole answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// 200 and so on.
    pub status: u16,
    /// At most the first MiB.
    pub body: Vec<u8>,
}

/// Sends one request to `target` (`127.0.0.1:3000`) on a new connection and waits for the whole answer. Blocks.
///
/// # Errors
/// What kept the answer from coming: not connected, too late, cut off, not HTTP. Any status is an answer.
pub fn fetch(_target: &str, _endpoint: &Endpoint, _timeout: Duration) -> anyhow::Result<Response> {
    todo!()
}
