//! Who waits for a database connection, and how many may.

use std::{
    future,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::sleep,
};

/// How many callers may wait. A service that answers 200 requests per second has answered the last of them after 1.3 s. The
/// lessons have fewer users.
pub const MOST_WAITING: usize = 256;

/// How long a caller waits while the queue refuses others. A client of an overloaded service gets its 503 after a second, and
/// a caller that gives up leaves its place in the queue to a new one.
pub const OVERLOADED_WAIT: Duration = Duration::from_secs(1);

/// The places for callers that wait.
pub struct Queue {
    places: Semaphore,
    /// When the queue was full and refused a caller, the last time.
    last_refusal: Mutex<Option<Instant>>,
}

impl Queue {
    /// An empty queue.
    pub const fn new() -> Self {
        Self { places: Semaphore::const_new(MOST_WAITING), last_refusal: Mutex::new(None) }
    }

    /// A place, which is free again when it is dropped; none when too many wait already.
    pub fn enter(&self) -> Option<SemaphorePermit<'_>> {
        let place = self.places.try_acquire().ok();
        if place.is_none() {
            *self.last_refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        place
    }

    /// Returns after [`OVERLOADED_WAIT`] if the queue has refused a caller in the time since, or as long before. Otherwise it
    /// never returns.
    pub async fn overloaded(&self) {
        sleep(OVERLOADED_WAIT).await;
        let last = *self.last_refusal.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() > 2 * OVERLOADED_WAIT) {
            future::pending().await
        }
    }
}
