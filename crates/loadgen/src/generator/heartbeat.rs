//! Notices when a generator thread did not run: stopped by a signal (Ctrl-Z), or frozen together with its machine.

use std::{
    cell::Cell,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    task::{AbortHandle, spawn_local},
    time::{MissedTickBehavior, interval},
};

/// How often a thread checks that it still runs: 20 wake-ups per second cost it 0.02 % of a core.
const BEAT: Duration = Duration::from_millis(50);

/// A beat may be this late because other threads used the CPU. Later ones are gaps.
pub(crate) const LATE: Duration = Duration::from_millis(200);

/// Beats on the current thread until it is stopped or dropped.
pub(crate) struct Heartbeat {
    gaps: Rc<Gaps>,
    task: AbortHandle,
}

/// When the last beat was, and how long the thread stood still before it, in all.
struct Gaps {
    last: Cell<Instant>,
    stood_still: Cell<Duration>,
}

impl Heartbeat {
    /// Must be called within a runtime of the current thread.
    pub fn start() -> Self {
        let gaps = Rc::new(Gaps { last: Cell::new(Instant::now()), stood_still: Cell::default() });
        let beating = gaps.clone();
        let task = spawn_local(async move {
            let mut beats = interval(BEAT);
            beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                beats.tick().await;
                beating.beat(Instant::now());
            }
        });
        Self { gaps, task: task.abort_handle() }
    }

    /// How long the thread stood still since the start, in all.
    pub fn stop(self) -> Duration {
        // The thread may have stood still since the last beat.
        self.gaps.beat(Instant::now());
        self.gaps.stood_still.get()
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Gaps {
    fn beat(&self, now: Instant) {
        let late = now.saturating_duration_since(self.last.replace(now) + BEAT);
        if late > LATE {
            self.stood_still.set(self.stood_still.get() + late);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The time that beats after these pauses find.
    fn stood_still(pauses_ms: &[u64]) -> Duration {
        let mut now = Instant::now();
        let gaps = Gaps { last: Cell::new(now), stood_still: Cell::default() };
        for &pause_ms in pauses_ms {
            now += Duration::from_millis(pause_ms);
            gaps.beat(now);
        }
        gaps.stood_still.get()
    }

    #[test]
    fn a_beat_that_is_late_by_the_limit_is_no_gap_and_one_millisecond_more_is() {
        assert_eq!(stood_still(&[50, 250, 50, 0]), Duration::ZERO);
        assert_eq!(stood_still(&[50, 251, 50]), Duration::from_millis(201));
    }

    #[test]
    fn all_gaps_count_together() {
        assert_eq!(stood_still(&[8_050, 50, 50, 450, 50]), Duration::from_millis(8_400));
    }

    #[tokio::test(flavor = "local")]
    async fn a_thread_that_computes_without_a_pause_is_a_gap_up_to_the_end() {
        let heartbeat = Heartbeat::start();
        std::thread::sleep(Duration::from_millis(300));
        let stood_still = heartbeat.stop();
        assert!(
            (Duration::from_millis(250)..Duration::from_secs(5)).contains(&stood_still),
            "{stood_still:?}"
        );
    }
}
