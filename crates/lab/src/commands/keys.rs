//! Keys that are pressed while a command runs.

use rustix::{
    event::{PollFd, PollFlags, poll},
    stdio::stdin,
    termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr},
};
use tokio::time::{Duration, sleep};

/// A terminal whose keys arrive at once and are not echoed. Ctrl-C still works. Dropping it restores the terminal.
pub struct Keys {
    before: Termios,
}

impl Keys {
    /// Takes over the keys.
    ///
    /// # Errors
    /// When standard input is not a terminal.
    pub fn open() -> anyhow::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut ours = before.clone();
        ours.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        tcsetattr(stdin(), OptionalActions::Now, &ours)?;
        Ok(Self { before })
    }

    /// Waits for the next key, in lower case; `q` when the terminal closes.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub async fn next(&self) -> anyhow::Result<char> {
        let stdin = stdin();
        loop {
            let mut keys = [PollFd::new(&stdin, PollFlags::IN)];
            if poll(&mut keys, Some(&Default::default()))? > 0 {
                let mut key = [0];
                let count = rustix::io::read(stdin, &mut key)?;
                return Ok(if count == 0 { 'q' } else { key[0].to_ascii_lowercase().into() });
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }
}
