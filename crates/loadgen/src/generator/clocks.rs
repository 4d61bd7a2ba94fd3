//! The clocks that a run is checked against: the time since boot, with and without sleep, and the time of day.

use std::time::{Duration, Instant, SystemTime};

use rustix::time::{ClockId, clock_gettime};

/// How far two clocks may drift apart during a run. They do so slowly, while one is being corrected.
const DRIFT_LIMIT: Duration = Duration::from_millis(500);

/// Three clocks at the same moment: the first stops while the machine sleeps, the second does not, and people or
/// programs can set the third.
pub(crate) struct Clocks {
    pub monotonic: Instant,
    boot: Duration,
    wall: SystemTime,
}

/// A jump of a clock, which makes a run invalid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Jump {
    /// The machine slept for so long.
    Slept(Duration),
    /// The time of day changed by so much more, forwards or back, than the time that passed.
    Set(Duration),
}

impl Clocks {
    pub fn read() -> Self {
        Self { monotonic: Instant::now(), boot: time_of(ClockId::Boottime), wall: SystemTime::now() }
    }

    /// What happened since.
    pub fn jump(&self) -> Option<Jump> {
        self.jump_until(&Self::read())
    }

    fn jump_until(&self, now: &Self) -> Option<Jump> {
        let (awake, with_sleep) = (now.monotonic - self.monotonic, now.boot - self.boot);
        let slept = with_sleep.saturating_sub(awake);
        let expected = self.wall + with_sleep;
        let set = now.wall.duration_since(expected).unwrap_or_else(|behind| behind.duration());
        if slept > DRIFT_LIMIT {
            return Some(Jump::Slept(slept));
        }
        (set > DRIFT_LIMIT).then_some(Jump::Set(set))
    }
}

pub(crate) fn time_of(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A minute on, with so much sleep in it.
    fn after(clocks: &Clocks, slept: Duration) -> Clocks {
        let (monotonic, minute) = (clocks.monotonic, 60 * SECOND);
        Clocks {
            monotonic: monotonic + minute - slept,
            boot: clocks.boot + minute,
            wall: clocks.wall + minute,
        }
    }

    #[test]
    fn a_machine_that_slept_is_not_taken_for_a_clock_that_was_set() {
        let before = Clocks::read();
        assert_eq!(before.jump_until(&after(&before, Duration::ZERO)), None);
        assert_eq!(before.jump_until(&after(&before, 30 * SECOND)), Some(Jump::Slept(30 * SECOND)));
        assert_eq!(before.jump(), None);
    }

    #[test]
    fn a_clock_may_be_set_forwards_and_back() {
        let before = Clocks::read();
        let now = after(&before, Duration::ZERO);
        for wall in [now.wall + SECOND, now.wall - SECOND] {
            assert_eq!(before.jump_until(&Clocks { wall, ..now }), Some(Jump::Set(SECOND)));
        }
    }
}
