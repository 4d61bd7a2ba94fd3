//! An alarm that goes off on time: tokio's own timers count in milliseconds.

use std::{
    io,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::{Interest, unix::AsyncFd};

/// A timer of the kernel's. Source: timerfd_create(2).
pub(crate) struct Alarm(AsyncFd<OwnedFd>);

impl Alarm {
    /// Must be called within a runtime.
    ///
    /// # Errors
    /// The process has no file descriptor left.
    #[expect(
        deprecated,
        reason = "what it warns of is a descriptor that is closed behind its back; an OwnedFd is not"
    )]
    pub fn new() -> io::Result<Self> {
        let timer =
            timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        Ok(Self(AsyncFd::with_interest(timer, Interest::READABLE)?))
    }

    /// Waits until it is `at`; lets others run even when it was long ago.
    ///
    /// # Errors
    /// None that are known.
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
