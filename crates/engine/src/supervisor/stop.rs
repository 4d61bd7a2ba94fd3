//! Everything that means "stop".

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::supervisor::terminal;

/// Listens for TERM, INT and HUP, and for the end of the terminal.
pub struct Stop {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
    had_terminal: bool,
}

impl Stop {
    /// Starts to listen: from here on these signals no longer end the process at once. `had_terminal` says whether the
    /// program that started us has a terminal.
    ///
    /// # Errors
    /// When the kernel refuses a handler.
    pub fn listen(had_terminal: bool) -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            had_terminal,
        })
    }

    /// Waits for the first of them.
    pub async fn requested(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
            () = terminal::gone(self.had_terminal) => {}
        }
    }
}
