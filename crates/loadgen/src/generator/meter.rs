//! The CPU time of a generator thread: what it used, and what it waited for.

use std::{
    fs,
    time::{Duration, Instant},
};

use rustix::time::ClockId;

use crate::{
    Generator,
    generator::{clocks::time_of, throttling::throttled},
};

/// Measures the current thread.
pub(crate) struct Meter {
    at: Instant,
    cpu: Duration,
    waited: Option<Duration>,
    throttled: Duration,
}

impl Meter {
    pub fn start() -> Self {
        Self { at: Instant::now(), cpu: thread_cpu(), waited: thread_waited(), throttled: throttled() }
    }

    /// What was measured since the start.
    pub fn stop(self) -> Generator {
        let cpu = thread_cpu() - self.cpu;
        let waited = thread_waited().zip(self.waited).map(|(now, then)| now.saturating_sub(then));
        let throttled = throttled().saturating_sub(self.throttled);
        let elapsed_s = self.at.elapsed().as_secs_f64();
        Generator {
            cpu_s: cpu.as_secs_f64(),
            busy: cpu.as_secs_f64() / elapsed_s,
            cpu_wait: waited.map(|waited| waited.as_secs_f64() / elapsed_s),
            throttled_s: throttled.as_secs_f64(),
            ..Generator::default()
        }
    }
}

fn thread_cpu() -> Duration {
    time_of(ClockId::ThreadCPUTime)
}

/// How long the thread was ready to run and had no CPU; `None` where the kernel does not count it.
///
/// Source: Linux kernel, "Scheduler Statistics", `/proc/<pid>/schedstat`: CPU time, wait in the run queue, time slices.
fn thread_waited() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    waited(&stat)
}

fn waited(stat: &str) -> Option<Duration> {
    Some(Duration::from_nanos(stat.split(' ').nth(1)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_sleeps_is_not_busy() {
        let meter = Meter::start();
        std::thread::sleep(Duration::from_millis(20));
        assert!(meter.stop().busy < 0.5);
    }

    #[test]
    fn a_thread_that_computes_uses_cpu() {
        let meter = Meter::start();
        while thread_cpu() - meter.cpu < Duration::from_millis(5) {}
        assert!(meter.stop().cpu_s >= 0.005);
    }

    #[test]
    fn the_wait_for_a_cpu_is_the_second_number() {
        assert_eq!(waited("158177 1903291 2\n"), Some(Duration::from_nanos(1_903_291)));
        assert_eq!(waited("0\n"), None);
    }
}
