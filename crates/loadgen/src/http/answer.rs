//! Reads one HTTP/1.1 answer after another from bytes that arrive in pieces of any size.
//!
//! Uses no sockets: the caller reads into [`Answer::space`] and says how many bytes it read. The body is counted, and kept
//! only for a caller who needs it. Source: RFC 9112, sections 6 and 7.

use std::ops::Range;

use httparse::Status;

use crate::http::head::{Body, Head, Malformed};

/// Space for a head, and for one read of a body.
const BUFFER_BYTES: usize = 16 * 1024;

/// How much of a body is kept, at most.
const KEPT_BYTES: usize = 1024 * 1024;

/// The answer that is being read. One per connection: [`Answer::expect`] prepares it for the next answer.
pub(crate) struct Answer {
    /// 200 and so on; 0 before the head was read.
    pub status: u16,
    /// Whether the connection can be used again.
    pub keep_alive: bool,
    /// The body, or its first MiB, if it is kept.
    pub body: Vec<u8>,
    keep: bool,
    head_only: bool,
    state: State,
    buffer: Box<[u8]>,
    /// The part of `buffer` that was received and not parsed yet.
    pending: Range<usize>,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Head,
    /// A body of which so many bytes are missing.
    Length(u64),
    UntilClose,
    ChunkSize,
    /// A chunk of which so many bytes are missing.
    Chunk(u64),
    /// CR LF after a chunk.
    ChunkEnd,
    Trailers,
    Done,
}

impl Answer {
    pub fn new() -> Self {
        Self {
            status: 0,
            keep_alive: false,
            body: Vec::new(),
            keep: false,
            head_only: false,
            state: State::Head,
            buffer: vec![0; BUFFER_BYTES].into(),
            pending: 0..0,
        }
    }

    /// Forgets the last answer and waits for the next one.
    ///
    /// `keep`: keeps the body. The body of an error is always kept, because it says what went wrong.
    /// `head_only`: the request was HEAD, so that the announced body does not follow.
    pub fn expect(&mut self, keep: bool, head_only: bool) {
        self.status = 0;
        self.body.clear();
        self.keep = keep;
        self.head_only = head_only;
        self.state = State::Head;
        self.pending = 0..0;
    }

    /// Where the next bytes go; never empty.
    pub fn space(&mut self) -> &mut [u8] {
        &mut self.buffer[self.pending.end..]
    }

    /// Parses the `count` bytes that were put into [`Answer::space`]; true when the answer is complete.
    ///
    /// # Errors
    /// The bytes are not an HTTP/1.1 answer, or they are more than one.
    pub fn received(&mut self, count: usize) -> Result<bool, Malformed> {
        self.pending.end += count;
        while self.step()? {}

        let rest = self.pending.len();
        if self.state == State::Done && rest > 0 {
            return Err("bytes after the end of the answer".into());
        }
        if rest == BUFFER_BYTES {
            return Err(format!("a head or chunk size of more than {BUFFER_BYTES} bytes"));
        }
        self.buffer.copy_within(self.pending.clone(), 0);
        self.pending = 0..rest;
        Ok(self.state == State::Done)
    }

    /// Whether any of it has arrived.
    pub fn has_begun(&self) -> bool {
        self.state != State::Head || !self.pending.is_empty()
    }

    /// Whether the answer is complete if the server closes the connection now.
    pub fn ends_with_connection(&self) -> bool {
        self.state == State::UntilClose
    }

    /// Parses the next element of the pending bytes; false when it is not complete.
    fn step(&mut self) -> Result<bool, Malformed> {
        let pending = &self.buffer[self.pending.clone()];
        let (length, next) = match self.state {
            State::Head => match Head::parse(pending)? {
                Some(head) => (head.length, self.after(&head)?),
                None => return Ok(false),
            },
            State::ChunkSize => match httparse::parse_chunk_size(pending) {
                // httparse takes a line without a digit for 0.
                _ if pending.first().is_some_and(|byte| !byte.is_ascii_hexdigit()) => {
                    return Err("a chunk without a size".into());
                }
                Ok(Status::Complete((length, 0))) => (length, State::Trailers),
                Ok(Status::Complete((length, size))) => (length, State::Chunk(size)),
                Ok(Status::Partial) => return Ok(false),
                Err(error) => return Err(error.to_string()),
            },
            State::ChunkEnd => match pending {
                [b'\r', b'\n', ..] => (2, State::ChunkSize),
                [] | [b'\r'] => return Ok(false),
                _ => return Err("a chunk that is longer than its size".into()),
            },
            State::Trailers => match httparse::parse_headers(pending, &mut [httparse::EMPTY_HEADER; 16]) {
                Ok(Status::Complete((length, _))) => (length, State::Done),
                Ok(Status::Partial) => return Ok(false),
                Err(error) => return Err(error.to_string()),
            },
            State::Length(left) => self.body(left, State::Length, State::Done),
            State::Chunk(left) => self.body(left, State::Chunk, State::ChunkEnd),
            State::UntilClose => self.body(u64::MAX, |_| State::UntilClose, State::UntilClose),
            State::Done => return Ok(false),
        };
        let moved = length > 0 || next != self.state;
        self.pending.start += length;
        self.state = next;
        Ok(moved)
    }

    /// The state after `head`.
    fn after(&mut self, head: &Head) -> Result<State, Malformed> {
        let next = match (head.status, head.body) {
            // 101 switches the protocol, and no request asks for that.
            (status @ (..100 | 101), _) => return Err(format!("an answer cannot have the status {status}")),
            (100..200, _) => State::Head,
            (204 | 304, _) => State::Done,
            _ if self.head_only => State::Done,
            (_, Body::Length(bytes)) => State::Length(bytes),
            (_, Body::Chunked) => State::ChunkSize,
            (_, Body::UntilClose) => State::UntilClose,
        };
        self.status = head.status;
        self.keep_alive = head.keep_alive && next != State::UntilClose;
        self.keep |= head.status >= 400;
        Ok(next)
    }

    /// Takes the pending bytes of a body of which `left` are missing: how many these were, and the state after them.
    fn body(&mut self, left: u64, rest: fn(u64) -> State, end: State) -> (usize, State) {
        let pending = &self.buffer[self.pending.clone()];
        let length = pending.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if self.keep {
            let room = KEPT_BYTES - self.body.len();
            self.body.extend_from_slice(&pending[..length.min(room)]);
        }
        let left = left - length as u64;
        (length, if left == 0 { end } else { rest(left) })
    }
}

#[cfg(test)]
mod tests;
