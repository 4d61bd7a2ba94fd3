//! The whole terminal, for as long as something live is shown in it.

use std::io::{self, Write};

use anyhow::Context;

use crate::commands::keys::Keys;

/// The terminal; dropping it restores its state.
pub struct Screen {
    keys: Keys,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When standard input or output is not a terminal.
    pub fn open() -> anyhow::Result<Self> {
        let screen = Self { keys: Keys::open()? };
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
        while self.keys.next().await? != 'q' {}
        Ok(())
    }

    fn write(&self, text: &str) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("the terminal is gone")
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.write("\x1b[?25h\x1b[?1049l");
    }
}
