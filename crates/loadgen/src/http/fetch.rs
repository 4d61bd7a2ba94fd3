//! One request on its own connection.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, bail};

use crate::{
    Endpoint,
    http::{answer::Answer, request::Request},
};

/// A complete answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// 200 and so on.
    pub status: u16,
    /// At most the first MiB.
    pub body: Vec<u8>,
}

/// Sends one request to `target` (`127.0.0.1:3000`) on a new connection and waits for the whole answer.
/// Blocks.
///
/// # Errors
/// Why there is no answer: no connection, a timeout, an incomplete answer, not HTTP. An error status is an answer.
pub fn fetch(target: &str, endpoint: &Endpoint, timeout: Duration) -> anyhow::Result<Response> {
    let request = Request::render(endpoint, target)?;
    let mut bytes = Vec::new();
    request.write(&mut fastrand::Rng::new(), &mut bytes);
    exchange(target, &bytes, request.head_only, timeout)
        .with_context(|| format!("no answer from {target}{}", endpoint.path))
}

/// Like [`fetch`], for a binary body: sends it with POST to `path`, with `headers` (lines, each with CR LF). Blocks.
///
/// # Errors
/// Those of [`fetch`].
pub fn post(
    target: &str,
    path: &str,
    headers: &str,
    body: &[u8],
    timeout: Duration,
) -> anyhow::Result<Response> {
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nHost: {target}\r\n{headers}Content-Length: {length}\r\n\r\n");
    exchange(target, &[head.as_bytes(), body].concat(), false, timeout)
        .with_context(|| format!("no answer from {target}{path}"))
}

/// A connection to the first address of `target` that accepts one.
pub(crate) fn connect(target: &str, timeout: Duration) -> anyhow::Result<TcpStream> {
    let addresses = target.to_socket_addrs().with_context(|| format!("{target:?} is not HOST:PORT"))?;
    let mut refusal = anyhow!("it has no address");
    for address in addresses {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => return Ok(stream),
            Err(error) => refusal = error.into(),
        }
    }
    Err(refusal.context(format!("no connection to {target}")))
}

fn exchange(target: &str, request: &[u8], head_only: bool, timeout: Duration) -> anyhow::Result<Response> {
    let due = Instant::now() + timeout;
    let mut stream = connect(target, timeout)?;
    stream.set_write_timeout(Some(time_left(due)?))?;
    stream.write_all(request)?;
    read_response(Until { due, stream }, head_only)
}

/// Reads one whole answer from `stream`; with `head_only` that of a HEAD, whose announced body does not follow.
///
/// # Errors
/// Why there is no answer: `stream` fails, ends too early, or holds no HTTP/1.1.
pub fn read_response(mut stream: impl Read, head_only: bool) -> anyhow::Result<Response> {
    let mut answer = Answer::new();
    answer.expect(true, head_only);
    loop {
        let complete = match stream.read(answer.space()) {
            Ok(0) if answer.ends_with_connection() => true,
            Ok(0) => bail!("closed before the end of the answer"),
            Ok(count) => answer.received(count).map_err(anyhow::Error::msg)?,
            // The timeout, which the next read reports, or a signal.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => false,
            Err(error) => return Err(error.into()),
        };
        if complete {
            return Ok(Response { status: answer.status, body: answer.body });
        }
    }
}

/// A connection that is read until a point in time.
struct Until {
    due: Instant,
    stream: TcpStream,
}

impl Read for Until {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(time_left(self.due)?))?;
        self.stream.read(space)
    }
}

fn time_left(due: Instant) -> io::Result<Duration> {
    // A socket treats a timeout of zero as none.
    due.checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
        .ok_or_else(|| io::Error::new(ErrorKind::TimedOut, "the time is up"))
}
