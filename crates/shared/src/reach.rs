//! What a pool knows about its database from the connects that failed.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::Notify;

/// How long the database is left alone after it could not be reached. Without it, a server that is just starting
/// again has every waiting client's connection attempt to refuse first.
const REST: Duration = Duration::from_millis(100);

/// Whether the database of one pool can be reached.
#[derive(Default)]
pub(crate) struct Reach {
    open: AtomicUsize,
    resting_until: Mutex<Option<Instant>>,
    /// Told to those who wait for a connection when there is none left to wait for.
    pub lost: Notify,
}

impl Reach {
    pub fn is_resting(&self, now: Instant) -> bool {
        self.resting_until().is_some_and(|until| now < until)
    }

    pub fn opened(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
        *self.resting_until() = None;
    }

    pub fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// A connect failed. Callers who wait may still get one of the open connections; when there is none, they
    /// wait for nothing.
    pub fn failed(&self) {
        if self.open.load(Ordering::Relaxed) == 0 {
            *self.resting_until() = Some(Instant::now() + REST);
            self.lost.notify_waiters();
        }
    }

    fn resting_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.resting_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
