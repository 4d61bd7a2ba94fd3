//! The whole terminal, for as long as something live is shown in it.

use std::io::{self, Write};

use anyhow::Context;
use rustix::{
    event::{PollFd, PollFlags, poll},
    stdio::stdin,
    termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr},
};
use tokio::time::{Duration, sleep};

/// The terminal; dropping it restores its state.
pub struct Screen {
    before: Termios,
}

impl Screen {
    /// Takes the terminal over. Keys arrive at once and are not echoed; Ctrl-C still works.
    ///
    /// # Errors
    /// When standard input or output is not a terminal.
    pub fn open() -> anyhow::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut ours = before.clone();
        ours.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        tcsetattr(stdin(), OptionalActions::Now, &ours)?;
        let screen = Self { before };
        // Another page, without the cursor.
        screen.write("\x1b[?1049h\x1b[?25l")?;
        Ok(screen)
    }

    /// Replaces the screen's content with `text`.
    ///
    /// # Errors
    /// When the terminal was closed.
    pub fn show(&self, text: &str) -> anyhow::Result<()> {
        // Over the old text, and what is left of that is erased: to clear the screen first would flicker.
        let lines = text.replace('\n', "\x1b[K\r\n");
        self.write(&format!("\x1b[H{lines}\x1b[J"))
    }

    /// Waits until `q` is pressed.
    ///
    /// # Errors
    /// When the terminal was closed.
    pub async fn quits(&self) -> anyhow::Result<()> {
        let stdin = stdin();
        loop {
            let mut keys = [PollFd::new(&stdin, PollFlags::IN)];
            if poll(&mut keys, Some(&Default::default()))? > 0 {
                let mut key = [0];
                let count = rustix::io::read(stdin, &mut key)?;
                if count == 0 || key[0].eq_ignore_ascii_case(&b'q') {
                    return Ok(());
                }
            } else {
                sleep(Duration::from_millis(50)).await;
            }
        }
    }

    fn write(&self, text: &str) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("the terminal is gone")
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.write("\x1b[?25h\x1b[?1049l");
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }
}
