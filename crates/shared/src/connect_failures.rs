//! What a pool knows about its database from the connects that failed.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{spawn, sync::Notify, time::sleep};

/// How long the database is left alone after it could not be reached. Without it, a server that is just starting
/// again has every waiting client's connection attempt to refuse first.
const REST: Duration = Duration::from_millis(100);

/// How long a database may be full before callers stop waiting. Others may close a connection at any moment, but a
/// caller may have to wait for 5 s, and a client should hear sooner that it is in vain.
const FULL: Duration = Duration::from_millis(500);

/// Whether the database of one pool can be reached.
#[derive(Default)]
pub(crate) struct Reach {
    open: AtomicUsize,
    /// How many were opened so far.
    opened: AtomicUsize,
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
        self.opened.fetch_add(1, Ordering::Relaxed);
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

    /// A connect failed because others have all connections of the database. If nothing was opened [`FULL`] later, this
    /// counts as a failed connect.
    pub fn found_full(self: Arc<Self>) {
        let opened = self.opened.load(Ordering::Relaxed);
        spawn(async move {
            sleep(FULL).await;
            if self.opened.load(Ordering::Relaxed) == opened {
                self.failed();
            }
        });
    }

    fn resting_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.resting_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
