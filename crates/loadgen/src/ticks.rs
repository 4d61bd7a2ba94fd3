//! Reports of a generator thread while it works, five per second.

use std::{
    cell::RefCell,
    pin::pin,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
    time::{Duration, Instant},
};

use tokio::time::{Interval, MissedTickBehavior, interval_at, sleep_until};

use crate::recorder::{Answers, Recorder};

/// How often a thread reports, and checks whether it should stop. A second is a whole number of ticks.
pub(crate) const TICK: Duration = Duration::from_millis(200);

/// The answers that arrived at a thread since its last report.
pub(crate) struct Tick {
    pub thread: usize,
    /// The second of measuring; `None` in the warm-up.
    pub second: Option<u64>,
    pub answers: Answers,
}

/// Sends a [`Tick`] at each interval.
pub(crate) struct Ticker<'a> {
    /// Which of the threads this is, from 0.
    thread: usize,
    /// When measuring begins.
    from: Instant,
    recorder: &'a RefCell<Recorder>,
    stop: &'a AtomicBool,
    ticks: Sender<Tick>,
    interval: Interval,
}

impl<'a> Ticker<'a> {
    /// For the thread of `recorder`, which measures `from` that time on, after `warm_up`.
    pub fn new(
        thread: usize,
        (warm_up, from): (Duration, Instant),
        recorder: &'a RefCell<Recorder>,
        stop: &'a AtomicBool,
        ticks: Sender<Tick>,
    ) -> Self {
        // Measuring begins with a tick, so that a second is a whole number of ticks.
        let remainder = warm_up.as_nanos() % TICK.as_nanos();
        let first = from - warm_up + Duration::from_nanos(remainder as u64);
        let mut interval = interval_at(first.into(), TICK);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self { thread, from, recorder, stop, ticks, interval }
    }

    /// Reports until `end`, or until the run is stopped.
    pub async fn send_until(&mut self, end: Instant) {
        let mut ended = pin!(sleep_until(end.into()));
        while !self.stop.load(Ordering::Relaxed) {
            tokio::select! {
                biased;
                () = &mut ended => return,
                _ = self.interval.tick() => self.send(),
            }
        }
    }

    /// Reports once.
    pub fn send(&self) {
        // A late report belongs to the second in which its answers arrived: half a tick ago is in that second.
        let middle = Instant::now() - TICK / 2;
        let second = middle.checked_duration_since(self.from).map(|since| since.as_secs());
        let answers = self.recorder.borrow_mut().take_recent();
        // The receiver is gone only when the run has failed elsewhere.
        _ = self.ticks.send(Tick { thread: self.thread, second, answers });
    }
}
