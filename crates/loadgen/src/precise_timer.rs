//! A timer with the kernel's resolution. Those of tokio have a resolution of 1 ms.

use std::{
    io,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::{Interest, unix::AsyncFd};

/// A timer of the kernel. Source: timerfd_create(2).
pub(crate) struct PreciseTimer(AsyncFd<OwnedFd>);

impl PreciseTimer {
    /// Must be called within a runtime.
    ///
    /// # Errors
    /// The process has no file descriptor left.
    #[expect(
        deprecated,
        reason = "it warns of a descriptor that other code closes; only its owner closes an OwnedFd"
    )]
    pub fn new() -> io::Result<Self> {
        let timer =
            timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        Ok(Self(AsyncFd::with_interest(timer, Interest::READABLE)?))
    }

    /// Waits until `at`. Other tasks run first, even when `at` is in the past.
    ///
    /// # Errors
    /// Whatever the kernel reports; no case is known.
    pub async fn wait_until(&self, at: Instant) -> io::Result<()> {
        // A wait of zero would turn the timer off.
        let left = at.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1));
        let it_value = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
        let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
        timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &Itimerspec { it_interval, it_value })?;
        // Nothing needs to be read: setting the timer again makes it unreadable.
        self.0.readable().await?.clear_ready();
        Ok(())
    }
}
