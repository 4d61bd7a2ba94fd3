//! What waits: for a time, for a turn, for a connection.

use std::{cmp::Ordering, collections::VecDeque};

/// Something at a time, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct At<T> {
    pub time: f64,
    pub what: T,
}

impl<T: PartialEq> Eq for At<T> {}

impl<T: Ord> PartialOrd for At<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for At<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time.total_cmp(&other.time).then_with(|| self.what.cmp(&other.what))
    }
}

/// Those who wait for one of a few places, first come, first served.
pub(super) struct Line {
    free: usize,
    waiting: VecDeque<usize>,
}

impl Line {
    pub fn new(places: usize) -> Self {
        Self { free: places, waiting: VecDeque::new() }
    }

    /// Whether `who` has a place at once; otherwise it waits.
    pub fn enter(&mut self, who: usize) -> bool {
        let is_free = self.free > 0;
        if is_free {
            self.free -= 1;
        } else {
            self.waiting.push_back(who);
        }
        is_free
    }

    /// A place comes free: who has it now, if anybody `still` waits.
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
