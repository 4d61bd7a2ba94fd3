//! What a generator thread says of itself while it works.

use std::{
    cell::RefCell,
    pin::pin,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tokio::time::{Interval, MissedTickBehavior, interval_at, sleep_until};

use crate::{
    record::{Answers, Recorder},
    worker::Task,
};

/// How often a thread reports, and notices that it should stop. Seconds are made of whole ticks.
pub(crate) const TICK: Duration = Duration::from_millis(200);

/// A thread's report of what arrived since the one before.
pub(crate) struct Tick {
    pub thread: usize,
    /// The second of measuring; `None` in the warm-up.
    pub second: Option<u64>,
    pub answers: Answers,
}

/// Sends a [`Tick`] again and again.
pub(crate) struct Reports<'a> {
    task: &'a Task<'a>,
    recorder: &'a RefCell<Recorder>,
    interval: Interval,
}

impl<'a> Reports<'a> {
    pub fn new(task: &'a Task<'a>, recorder: &'a RefCell<Recorder>) -> Self {
        // Measuring begins with a tick, so that seconds are made of whole ones.
        let beginning = task.window.from - task.plan.warm_up;
        let remainder = task.plan.warm_up.as_nanos() % TICK.as_nanos();
        let mut interval = interval_at((beginning + Duration::from_nanos(remainder as u64)).into(), TICK);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self { task, recorder, interval }
    }

    /// Reports until it is `end`, or the run is stopped.
    pub async fn send_until(&mut self, end: Instant) {
        let mut ended = pin!(sleep_until(end.into()));
        while !self.task.stop.load(Ordering::Relaxed) {
            tokio::select! {
                biased;
                () = &mut ended => return,
                _ = self.interval.tick() => self.send(),
            }
        }
    }

    /// Reports once.
    pub fn send(&self) {
        // Half a tick back is within what is reported, however late this runs.
        let middle = Instant::now() - TICK / 2;
        let second = middle.checked_duration_since(self.task.window.from).map(|since| since.as_secs());
        let answers = self.recorder.borrow_mut().take_recent();
        // Nobody listens any more only when the run has failed elsewhere.
        _ = self.task.ticks.send(Tick { thread: self.task.thread, second, answers });
    }
}
