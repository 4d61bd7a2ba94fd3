//! The clocks that a run is checked against: the thread's CPU, and the time of day.

use std::time::{Duration, Instant, SystemTime};

use rustix::time::{ClockId, clock_gettime};

/// A clock that stands still while the machine sleeps, and one that does not.
pub(crate) struct Clocks {
    pub monotonic: Instant,
    wall: SystemTime,
}

impl Clocks {
    pub fn read() -> Self {
        Self { monotonic: Instant::now(), wall: SystemTime::now() }
    }

    /// How far the two went apart since.
    pub fn drift(&self) -> Duration {
        let expected = self.wall + self.monotonic.elapsed();
        SystemTime::now().duration_since(expected).unwrap_or_else(|behind| behind.duration())
    }
}

/// Measures the CPU of the current thread.
pub(crate) struct Meter {
    at: Instant,
    cpu: Duration,
}

impl Meter {
    pub fn start() -> Self {
        Self { at: Instant::now(), cpu: thread_cpu() }
    }

    /// CPU since the start, and the share (0 to 1) of the time that it is.
    pub fn stop(self) -> (Duration, f64) {
        let cpu = thread_cpu() - self.cpu;
        (cpu, cpu.as_secs_f64() / self.at.elapsed().as_secs_f64())
    }
}

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_has_drifted() {
        let hour = Duration::from_secs(3_600);
        let monotonic = Instant::now();
        for wall in [SystemTime::now() - hour, SystemTime::now() + hour] {
            assert!(Clocks { monotonic, wall }.drift() > hour / 2);
        }
        assert!(Clocks::read().drift() < hour / 2);
    }

    #[test]
    fn a_thread_that_waits_is_not_busy() {
        let meter = Meter::start();
        std::thread::sleep(Duration::from_millis(20));
        assert!(meter.stop().1 < 0.5);
    }

    #[test]
    fn a_thread_that_computes_uses_cpu() {
        let meter = Meter::start();
        while thread_cpu() - meter.cpu < Duration::from_millis(5) {}
        assert!(meter.stop().0 >= Duration::from_millis(5));
    }
}
