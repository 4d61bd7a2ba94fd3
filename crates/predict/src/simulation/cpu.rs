//! CPU time: cores that threads share, and a quota per period.

use std::{cmp::Reverse, collections::BinaryHeap};

use serde::{Deserialize, Serialize};

use super::fifo::Timed;

/// A CPU quota of one server: it computes at full speed until the quota of the period is used up. Linux caps containers in
/// this way, so that a capped server with little to do is as fast as one without a cap.
///
/// Source: Linux kernel, "CFS Bandwidth Control".
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cpu {
    /// CPU time in each period, in seconds.
    pub quota_s: f64,
    /// Length of a period, in seconds.
    pub period_s: f64,
}

impl Cpu {
    /// In cores.
    pub fn cores(self) -> f64 {
        self.quota_s / self.period_s
    }
}

/// A thread under a quota.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capped {
    cpu: Cpu,
    period: f64,
    used_s: f64,
}

impl Capped {
    pub fn new(cpu: Cpu) -> Self {
        Self { cpu, period: 0.0, used_s: 0.0 }
    }

    /// When work that begins `now` and takes `work_s` of CPU is done, if nothing else interrupts it.
    pub fn finish(&mut self, now: f64, work_s: f64) -> f64 {
        let Cpu { quota_s, period_s } = self.cpu;
        // With a quota of several cores, the threads of the server share the work, and the quota is never used up.
        if quota_s >= period_s {
            return now + work_s * period_s / quota_s;
        }
        let (mut now, mut left_s) = (now, work_s);
        let period = (now / period_s).floor();
        if period > self.period {
            (self.period, self.used_s) = (period, 0.0);
        }
        loop {
            let room_s = quota_s - self.used_s;
            if left_s <= room_s {
                self.used_s += left_s;
                return now + left_s;
            }
            left_s -= room_s;
            self.period += 1.0;
            self.used_s = 0.0;
            now = self.period * period_s;
        }
    }
}

/// Cores that all threads share evenly; each uses at most one. In virtual time all threads advance equally, so that the
/// next one to finish is known without looking at all of them.
pub(super) struct Shared {
    cores: f64,
    /// The time of the last update, and how much CPU a thread that computed from the start had got by then.
    now: f64,
    advanced_s: f64,
    /// Ordered by the virtual time at which they are done.
    working: BinaryHeap<Reverse<Timed<usize>>>,
    /// CPU used so far, in seconds.
    used_s: f64,
}

impl Shared {
    pub fn new(cores: f64) -> Self {
        Self { cores, now: 0.0, advanced_s: 0.0, working: BinaryHeap::new(), used_s: 0.0 }
    }

    /// CPU seconds that each thread gets per second.
    fn speed(&self) -> f64 {
        (self.cores / self.working.len() as f64).min(1.0)
    }

    fn advance(&mut self, now: f64) {
        if !self.working.is_empty() {
            let done_s = (now - self.now) * self.speed();
            self.advanced_s += done_s;
            self.used_s += done_s * self.working.len() as f64;
        }
        self.now = now;
    }

    /// `who` begins to compute, and needs `work_s` of CPU.
    pub fn begin(&mut self, now: f64, work_s: f64, who: usize) {
        self.advance(now);
        self.working.push(Reverse(Timed { time: self.advanced_s + work_s, what: who }));
    }

    /// When the next one is done, if no other begins before.
    pub fn next(&self) -> Option<f64> {
        let Reverse(next) = self.working.peek()?;
        Some(self.now + (next.time - self.advanced_s).max(0.0) / self.speed())
    }

    /// Removes and returns the one that is done `now`.
    pub fn finish(&mut self, now: f64) -> Option<usize> {
        self.advance(now);
        self.working.pop().map(|Reverse(done)| done.what)
    }

    /// CPU that was used so far, in seconds.
    pub fn used_s(&self) -> f64 {
        self.used_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capped_thread_computes_until_its_quota_is_used_up_and_waits_for_the_next_period() {
        let mut thread = Capped::new(Cpu { quota_s: 0.002, period_s: 0.02 });
        let is =
            |time: f64, expected: f64| assert!((time - expected).abs() < 1e-12, "{time}, not {expected}");
        is(thread.finish(0.0, 0.001), 0.001);
        is(thread.finish(0.001, 0.0015), 0.0205);
        is(thread.finish(0.1, 0.005), 0.141);
    }

    #[test]
    fn two_on_one_core_take_twice_as_long() {
        let mut cpu = Shared::new(1.0);
        cpu.begin(0.0, 1.0, 1);
        cpu.begin(0.0, 2.0, 2);
        assert_eq!((cpu.next(), cpu.finish(2.0)), (Some(2.0), Some(1)));
        assert_eq!((cpu.next(), cpu.finish(3.0)), (Some(3.0), Some(2)));
        assert!((cpu.used_s() - 3.0).abs() < 1e-12);
    }

    #[test]
    fn nobody_uses_more_than_one_core() {
        let mut cpu = Shared::new(8.0);
        cpu.begin(0.0, 1.0, 1);
        assert_eq!(cpu.next(), Some(1.0));
    }
}
