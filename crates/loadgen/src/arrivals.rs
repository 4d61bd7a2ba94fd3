//! The open loop: requests begin at their times, whether or not answers come.
//!
//! A closed loop asks less when the server stalls, and so hardly notices. Here the next ones arrive all the
//! same, as they do from people who know nothing of each other. Latency runs from the time at which a request
//! was *meant* to begin: what waits for a connection, waits.

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
    alarm::Alarm,
    record::Recorder,
    request::{Failure, Request},
    sequence::Sequence,
    user::User,
};

/// The times at which the requests of one thread are meant to begin.
pub(crate) struct Pace {
    /// That of the first one of all threads.
    pub origin: Instant,
    /// Requests per second of all threads.
    pub rate_per_s: f64,
    /// Which of the threads this is, from 0.
    pub thread: u64,
    /// How many take turns.
    pub threads: u64,
}

impl Pace {
    fn time_of(&self, nth: u64) -> Instant {
        let of_all = self.thread + nth * self.threads;
        self.origin + Duration::from_secs_f64(of_all as f64 / self.rate_per_s)
    }
}

/// Between two looks at what is due: a request begins at most so much late for it. To wake costs more CPU than to ask: at
/// 42,000 requests per second, 23 µs for each when every one woke the generator, and 12 µs with this.
const BREATH: Duration = Duration::from_micros(200);

/// One thread's share of an open loop.
pub(crate) struct Arrivals {
    pub pace: Pace,
    pub requests: Arc<[Request]>,
    /// How long a request waits, from its time on, for a user and an answer.
    pub timeout: Duration,
    pub recorder: Rc<RefCell<Recorder>>,
    pub queue: RefCell<Queue>,
}

/// Requests whose time has come and that nobody took yet, and who could take them.
pub(crate) struct Queue {
    sequence: Sequence,
    /// The last to come back asks next, so that no more connections are opened than are needed at once.
    idle: Vec<User>,
    /// Requests whose time has come so far.
    due: u64,
    /// Of these, how many a user took or nobody took in time; the rest waits.
    taken: u64,
}

/// What a user is to ask, and since when.
type Due = (usize, Instant);

impl Queue {
    /// An empty one.
    pub fn new(sequence: Sequence, users: impl Iterator<Item = User>) -> RefCell<Self> {
        RefCell::new(Self { sequence, idle: users.collect(), due: 0, taken: 0 })
    }
}

impl Arrivals {
    /// Sends each request at its time, until the recorder says that it is over, and waits for the answers.
    ///
    /// # Errors
    /// The system refuses a timer.
    pub async fn run(self: Rc<Self>) -> io::Result<()> {
        let alarm = Alarm::new()?;
        let mut asking = JoinSet::new();
        loop {
            let next = self.advance();
            while let Some((user, due)) = self.send() {
                asking.spawn_local(self.clone().keep_asking(user, due));
            }
            // A set keeps those that have ended until somebody looks.
            while asking.try_join_next().is_some() {}
            match next {
                Some(next) => alarm.wait_until(next.max(Instant::now() + BREATH)).await?,
                None => break,
            }
        }
        asking.join_all().await;
        Ok(())
    }

    /// Puts into the queue whatever is due by now; returns when the next one is, `None` after the last.
    fn advance(&self) -> Option<Instant> {
        let (mut queue, mut recorder) = (self.queue.borrow_mut(), self.recorder.borrow_mut());
        let now = Instant::now();
        loop {
            let next = self.pace.time_of(queue.due);
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

    /// A user and what waits longest, if there are both.
    fn send(&self) -> Option<(User, Due)> {
        let mut user = self.queue.borrow_mut().idle.pop()?;
        let due = self.take(&mut user.bytes);
        if due.is_none() {
            self.queue.borrow_mut().idle.push(user);
            return None;
        }
        due.map(|due| (user, due))
    }

    /// Asks until nothing waits any more.
    async fn keep_asking(self: Rc<Self>, mut user: User, first: Due) {
        let mut next = Some(first);
        while let Some((endpoint, started)) = next {
            user.ask(endpoint, started).await;
            next = self.take(&mut user.bytes);
        }
        self.queue.borrow_mut().idle.push(user);
    }

    /// Puts what waits longest into `bytes`. On the way, whatever has waited too long becomes an error.
    fn take(&self, bytes: &mut Vec<u8>) -> Option<Due> {
        let mut queue = self.queue.borrow_mut();
        while queue.taken < queue.due {
            let started = self.pace.time_of(queue.taken);
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

    /// Gives up on what waits when a run was stopped.
    pub fn abandon(&self) {
        let mut queue = self.queue.borrow_mut();
        let now = Instant::now();
        for nth in queue.taken..queue.due {
            let endpoint = queue.sequence.next(&self.requests, &mut Vec::new());
            self.recorder.borrow_mut().abandon(endpoint, self.pace.time_of(nth), now);
        }
    }
}
