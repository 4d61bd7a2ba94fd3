//! One user: sends a request and waits for the answer; in the closed loop, again and again.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::{self, Sleep};

use crate::{
    Outcome,
    http::{
        client::Client,
        request::{Failure, Request},
    },
    recorder::{Recorder, outcome},
    request_names::write_name,
    sequence::Sequence,
};

/// How long a user of the closed loop waits after a lost or refused connection before the next request.
///
/// A refused connection takes microseconds. Without this pause, every user of a stopped server would be a busy loop on
/// the CPU that the server needs to restart.
const PAUSE: Duration = Duration::from_millis(100);

/// A user with one connection, and at most one request on it. Stays on the thread of its recorder.
pub(crate) struct User {
    /// Its place in the recorder.
    pub index: usize,
    pub requests: Arc<[Request]>,
    /// The request under way, or the next one.
    pub bytes: Vec<u8>,
    pub client: Client,
    pub request_timeout: RequestTimeout,
    pub recorder: Rc<RefCell<Recorder>>,
}

impl User {
    /// The closed loop: sends requests until the run is over.
    ///
    /// # Errors
    /// None.
    pub async fn run(mut self, mut sequence: Sequence) -> io::Result<()> {
        loop {
            let endpoint = sequence.next(&self.requests, &mut self.bytes);
            match self.ask(endpoint, Instant::now()).await {
                None => return Ok(()),
                Some(Outcome::Connect | Outcome::Reset | Outcome::Parse) => time::sleep(PAUSE).await,
                Some(_) => (),
            }
        }
    }

    /// Sends the request in `bytes`, which is one of `endpoint`, and records how it ended. Timeout and latency begin at
    /// `started`. `None` when the run is over by then.
    pub async fn ask(&mut self, endpoint: usize, started: Instant) -> Option<Outcome> {
        if !self.recorder.borrow_mut().start(self.index, endpoint, started) {
            return None;
        }
        if let Some(name) = self.recorder.borrow_mut().name(self.index) {
            write_name(&mut self.bytes, name);
        }
        let result = tokio::select! {
            biased;
            result = self.client.ask(&self.requests[endpoint], &self.bytes) => result,
            failure = self.request_timeout.end(started) => Err(failure),
        };
        let outcome = outcome(&result);
        self.recorder.borrow_mut().end(self.index, Instant::now(), result, self.client.retried);
        Some(outcome)
    }
}

/// The timeout of a user's current request.
///
/// One timer per user, which is reset only when it fires, and then for the request of that time. A timer per
/// request took 0.2 µs more of the 3 µs of CPU that a request costs in all.
pub(crate) struct RequestTimeout {
    limit: Duration,
    timer: Pin<Box<Sleep>>,
}

impl RequestTimeout {
    /// Must be called within a runtime.
    pub fn new(limit: Duration) -> Self {
        Self { limit, timer: Box::pin(time::sleep(limit)) }
    }

    /// Waits until the request that began at `started` has timed out.
    async fn end(&mut self, started: Instant) -> Failure {
        let due = (started + self.limit).into();
        loop {
            self.timer.as_mut().await;
            if self.timer.deadline() >= due {
                let sample = format!("no whole answer within {:?}", self.limit);
                return Failure { outcome: Outcome::Timeout, sample };
            }
            // The timer was set for an earlier request.
            self.timer.as_mut().reset(due);
        }
    }
}
