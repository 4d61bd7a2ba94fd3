//! Events in the order of time, and a first-in-first-out queue for a few places.

use std::{cmp::Ordering, collections::VecDeque};

/// Something with its time, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Timed<T> {
    pub time: f64,
    pub what: T,
}

impl<T: PartialEq> Eq for Timed<T> {}

impl<T: Ord> PartialOrd for Timed<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for Timed<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time.total_cmp(&other.time).then_with(|| self.what.cmp(&other.what))
    }
}

/// A queue for a limited number of places, first come, first served.
pub(super) struct FifoQueue {
    free: usize,
    waiting: VecDeque<usize>,
}

impl FifoQueue {
    pub fn new(places: usize) -> Self {
        Self { free: places, waiting: VecDeque::new() }
    }

    /// Whether `who` gets a place at once; otherwise it waits.
    pub fn enter(&mut self, who: usize) -> bool {
        let is_free = self.free > 0;
        if is_free {
            self.free -= 1;
        } else {
            self.waiting.push_back(who);
        }
        is_free
    }

    /// Frees a place, and gives it to the first who `still` waits; returns who that is.
    pub fn leave(&mut self, still: impl Fn(usize) -> bool) -> Option<usize> {
        while let Some(who) = self.waiting.pop_front() {
            if still(who) {
                return Some(who);
            }
        }
        self.free += 1;
        None
    }
}
