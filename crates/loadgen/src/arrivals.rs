//! The open loop: requests begin at set times, whether or not earlier ones were answered.
//!
//! A closed loop sends less while the server stalls, and so hardly shows the stall. In an open loop the requests go on, as
//! those of independent users do. Latency runs from the time at which a request was *meant* to begin, so that it
//! includes the wait for a connection.

use std::{
    cell::RefCell,
    io,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::{
    Outcome,
    http::request::{Failure, Request},
    precise_timer::PreciseTimer,
    recorder::Recorder,
    sequence::Sequence,
    user::User,
};

/// The times at which the requests of one thread are meant to begin.
pub(crate) struct Schedule {
    /// The time of the first request of all threads.
    pub origin: Instant,
    /// Requests per second of all threads.
    pub rate_per_s: f64,
    /// Which of the threads this is, from 0.
    pub thread: u64,
    /// How many threads there are; they take turns.
    pub threads: u64,
}

impl Schedule {
    fn time_of(&self, nth: u64) -> Instant {
        let of_all = self.thread + nth * self.threads;
        self.origin + Duration::from_secs_f64(of_all as f64 / self.rate_per_s)
    }
}

/// The generator sleeps at least this long before it checks again which requests are due; they begin late by no more. To
/// wake costs more CPU than to send a request: at 42,000 requests per second, each cost 23 µs of CPU when it woke the
/// generator, and 12 µs with this.
const MIN_SLEEP: Duration = Duration::from_micros(200);

/// One thread's share of an open loop.
pub(crate) struct Arrivals {
    pub schedule: Schedule,
    pub requests: Arc<[Request]>,
    /// How long a request waits for a user and an answer, from its set time on.
    pub timeout: Duration,
    pub recorder: Rc<RefCell<Recorder>>,
    pub queue: RefCell<Queue>,
}

/// Requests that are due and not sent yet, and the idle users.
pub(crate) struct Queue {
    sequence: Sequence,
    /// The user who became idle last sends next, so that the generator opens no more connections than it needs.
    idle: Vec<User>,
    /// Requests that were due so far.
    due: u64,
    /// How many of these a user took, or timed out before; the rest waits.
    taken: u64,
}

/// Which request a user sends, and the time at which it was due.
type Due = (usize, Instant);

impl Queue {
    /// An empty queue.
    pub fn new(sequence: Sequence, users: impl Iterator<Item = User>) -> RefCell<Self> {
        RefCell::new(Self { sequence, idle: users.collect(), due: 0, taken: 0 })
    }
}

impl Arrivals {
    /// Sends each request at its time until the run is over, and waits for the answers.
    ///
    /// # Errors
    /// The system refuses a timer.
    pub async fn run(self: Rc<Self>) -> io::Result<()> {
        let timer = PreciseTimer::new()?;
        let mut asking = JoinSet::new();
        loop {
            let next = self.advance();
            while let Some((user, due)) = self.send() {
                asking.spawn_local(self.clone().keep_asking(user, due));
            }
            // A set keeps tasks that have ended until they are joined.
            while asking.try_join_next().is_some() {}
            match next {
                Some(next) => timer.wait_until(next.max(Instant::now() + MIN_SLEEP)).await?,
                None => break,
            }
        }
        asking.join_all().await;
        Ok(())
    }

    /// Puts all requests that are due into the queue. Returns the time of the next one; `None` after the last.
    fn advance(&self) -> Option<Instant> {
        let (mut queue, mut recorder) = (self.queue.borrow_mut(), self.recorder.borrow_mut());
        let now = Instant::now();
        loop {
            let next = self.schedule.time_of(queue.due);
            if !recorder.is_open(next) {
                return None;
            }
            if next > now {
                return Some(next);
            }
            recorder.arrive(next, now);
            queue.due += 1;
        }
    }

    /// An idle user and the request that waits longest, if there are both.
    fn send(&self) -> Option<(User, Due)> {
        let mut user = self.queue.borrow_mut().idle.pop()?;
        let due = self.take(&mut user.bytes);
        if due.is_none() {
            self.queue.borrow_mut().idle.push(user);
            return None;
        }
        due.map(|due| (user, due))
    }

    /// Sends requests until none waits.
    async fn keep_asking(self: Rc<Self>, mut user: User, first: Due) {
        let mut next = Some(first);
        while let Some((endpoint, started)) = next {
            user.ask(endpoint, started).await;
            next = self.take(&mut user.bytes);
        }
        self.queue.borrow_mut().idle.push(user);
    }

    /// Puts the request that waits longest into `bytes`. Requests that have waited too long become errors.
    fn take(&self, bytes: &mut Vec<u8>) -> Option<Due> {
        let mut queue = self.queue.borrow_mut();
        while queue.taken < queue.due {
            let started = self.schedule.time_of(queue.taken);
            queue.taken += 1;
            let endpoint = queue.sequence.next(&self.requests, bytes);
            let now = Instant::now();
            if now < started + self.timeout {
                return Some((endpoint, started));
            }
            let sample = format!("no connection was free within {:?}", self.timeout);
            let failure = Failure { outcome: Outcome::Timeout, sample };
            self.recorder.borrow_mut().record(endpoint, started, now, Err(failure), false);
        }
        None
    }

    /// Counts the requests that wait as unanswered, when the run was stopped.
    pub fn abandon(&self) {
        let mut queue = self.queue.borrow_mut();
        let now = Instant::now();
        for nth in queue.taken..queue.due {
            let endpoint = queue.sequence.next(&self.requests, &mut Vec::new());
            self.recorder.borrow_mut().abandon(endpoint, self.schedule.time_of(nth), now);
        }
    }
}
