//! A circuit breaker: what keeps failing is left alone for a while, and then tried by one.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Failures in a row after which it opens.
pub const LIMIT: u32 = 5;

/// How long it stays open.
pub const REST: Duration = Duration::from_millis(500);

/// Counts failures in a row.
#[derive(Default)]
pub struct Breaker(Mutex<State>);

#[derive(Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    /// Whether to try at `now`. When it was open long enough, one caller is let through, and the others after another
    /// rest, unless that one succeeds.
    pub fn admits(&self, now: Instant) -> bool {
        let mut state = self.state();
        match state.open_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.open_until = Some(now + REST);
                true
            }
            None => true,
        }
    }

    /// Closes it.
    pub fn succeeded(&self) {
        *self.state() = State::default();
    }

    /// Opens it, when this was one failure too many; returns how many there were in a row.
    pub fn failed(&self, now: Instant) -> u32 {
        let mut state = self.state();
        state.failures += 1;
        if state.failures >= LIMIT {
            state.open_until = Some(now + REST);
        }
        state.failures
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_at_the_fifth_failure_in_a_row() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..4 {
            breaker.failed(now);
        }
        assert!(breaker.admits(now));
        breaker.succeeded();
        for _ in 0..4 {
            breaker.failed(now);
        }
        assert!(breaker.admits(now));
        assert_eq!(breaker.failed(now), 5);
        assert!(!breaker.admits(now));
    }

    #[test]
    fn after_its_rest_it_lets_one_through_and_closes_when_that_one_succeeds() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..5 {
            breaker.failed(now);
        }
        let later = now + REST;
        assert_eq!([breaker.admits(later), breaker.admits(later)], [true, false]);
        breaker.failed(later);
        assert!(!breaker.admits(later + REST / 2));
        assert!(breaker.admits(later + REST));
        breaker.succeeded();
        assert_eq!([breaker.admits(later + REST), breaker.admits(later + REST)], [true, true]);
    }
}
