//! One connection, used for as long as the server keeps it open.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    Outcome,
    http::{
        answer::Answer,
        request::{Failure, Request},
    },
};

/// Sends requests to one server, one after the other.
pub(crate) struct Client {
    server: SocketAddr,
    /// `None` before the first request, and after one that lost the connection.
    stream: Option<TcpStream>,
    answer: Answer,
    /// Whether the last request was retried.
    pub retried: bool,
}

impl Client {
    pub fn new(server: SocketAddr) -> Self {
        Self { server, stream: None, answer: Answer::new(), retried: false }
    }

    /// Sends `bytes`, which are `request`, and reads the whole answer. Opens a connection when there is none.
    ///
    /// A server may close an idle connection just when the client sends a request on it. Then the client retries a
    /// request that may be repeated, as browsers do, and sets [`Client::retried`]. Source: RFC 9112, 9.3.1.
    ///
    /// Dropping the future before it is done closes the connection.
    ///
    /// # Errors
    /// Every outcome other than a good answer.
    pub async fn ask(&mut self, request: &Request, bytes: &[u8]) -> Result<(), Failure> {
        self.retried = false;
        self.stream.take_if(|stream| is_over(stream));
        let was_idle = self.stream.is_some();
        let result = self.exchange(request, bytes).await;
        let closed = result.as_ref().is_err_and(|failure| failure.outcome == Outcome::Reset);
        if was_idle && closed && request.may_repeat && !self.answer.has_begun() {
            self.retried = true;
            return self.exchange(request, bytes).await;
        }
        result
    }

    async fn exchange(&mut self, request: &Request, bytes: &[u8]) -> Result<(), Failure> {
        // Taken, not borrowed: only a connection with a complete answer can be used again.
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.server).await.map_err(|error| failure(Outcome::Connect, error))?,
        };
        let reset = |error: io::Error| failure(Outcome::Reset, error);
        self.answer.expect(request.reads_body(), request.head_only);
        stream.write_all(bytes).await.map_err(reset)?;
        loop {
            let complete = match stream.read(self.answer.space()).await.map_err(reset)? {
                0 if self.answer.ends_with_connection() => true,
                0 => return Err(failure(Outcome::Reset, "closed before the end of the answer")),
                count => self.answer.received(count).map_err(|error| failure(Outcome::Parse, error))?,
            };
            if complete {
                break;
            }
        }
        if self.answer.keep_alive {
            self.stream = Some(stream);
        }
        request.judge(&self.answer)
    }
}

/// Whether the server has closed the idle connection.
fn is_over(stream: &TcpStream) -> bool {
    // This is a system call only when something has happened on the connection.
    !stream.try_read(&mut [0]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

async fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(server).await?;
    // A request is one write, so that delaying a small one (Nagle's algorithm) would gain nothing.
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn failure(outcome: Outcome, cause: impl ToString) -> Failure {
    Failure { outcome, sample: cause.to_string() }
}
