//! Whether and when a service that crashed is restarted.

use std::time::Duration;

use tokio::time::Instant;

/// How long after its first crash a service is restarted; after that only a change or `lab up` restarts it.
const RETRIES_FOR: Duration = Duration::from_secs(10);

/// Between two starts.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// The restarts of one service.
#[derive(Default)]
pub struct Restarts {
    /// Since when it keeps crashing.
    failing_since: Option<Instant>,
    ready_since: Option<Instant>,
    due: Option<Instant>,
}

impl Restarts {
    /// When to restart it; `None` when it runs or has failed.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Gives it all its tries again.
    pub fn forgive(&mut self) {
        self.failing_since = None;
    }

    /// Notes that it is being started.
    pub fn starts(&mut self) {
        self.due = None;
    }

    /// Notes that it is ready.
    pub fn is_ready(&mut self, now: Instant) {
        self.ready_since = Some(now);
    }

    /// Notes a crash, and returns whether it will be restarted.
    pub fn crashed(&mut self, now: Instant) -> bool {
        // Answering for a moment is not yet a recovery.
        if self.ready_since.take().is_some_and(|ready| now - ready > RETRIES_FOR) {
            self.failing_since = None;
        }
        let since = *self.failing_since.get_or_insert(now);
        let goes_on = now - since < RETRIES_FOR;
        self.due = goes_on.then(|| now + RETRY_AFTER);
        goes_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_keeps_crashing_is_restarted_for_ten_seconds() {
        let (mut restarts, first) = (Restarts::default(), Instant::now());
        assert!(restarts.crashed(first));
        assert_eq!(restarts.due(), Some(first + RETRY_AFTER));
        let late = first + RETRIES_FOR - RETRY_AFTER;
        restarts.is_ready(late);
        assert!(restarts.crashed(late), "it was ready, but only for a moment");
        assert!(!restarts.crashed(first + RETRIES_FOR));
        assert_eq!(restarts.due(), None);
        restarts.forgive();
        assert!(restarts.crashed(first + RETRIES_FOR));
    }

    #[test]
    fn one_that_was_ready_for_long_has_all_its_tries_again() {
        let (mut restarts, first) = (Restarts::default(), Instant::now());
        restarts.crashed(first);
        restarts.is_ready(first);
        assert!(restarts.crashed(first + RETRIES_FOR + RETRY_AFTER));
    }
}
