//! A command in a terminal, as a person starts it: a pseudo terminal of a given size, and what it shows.

use std::{
    fs::File,
    io::{Read, Write},
    process::{Command, Stdio},
    sync::mpsc::{RecvTimeoutError, channel},
    thread::spawn,
    time::Duration,
};

use anstream::adapter::strip_str;
use rustix::{
    fs::{Mode, OFlags, open},
    process::{Pid, Signal, kill_process},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};

/// Longer than any command of a test.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a terminal has shown.
pub struct Shown {
    /// The exit code.
    pub code: Option<i32>,
    /// All lines without colours, one for each time that one was drawn.
    pub lines: Vec<String>,
}

/// Runs `command` in a terminal with so many columns and rows, where `keys` are pressed.
///
/// # Panics
/// When there is no terminal, or the command cannot be started.
pub fn in_terminal(mut command: Command, columns: u16, rows: u16, keys: &str) -> Shown {
    let main = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
        .expect("the kernel gives a terminal");
    grantpt(&main).and_then(|()| unlockpt(&main)).expect("the terminal is ours");
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&main, size).expect("a terminal has a size");
    let name = ptsname(&main, Vec::new()).expect("a terminal has a name");
    let end = open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())
        .expect("the terminal opens");
    let [stdin, stdout] = [&end, &end].map(|end| Stdio::from(end.try_clone().expect("a descriptor is free")));
    command.stdin(stdin).stdout(stdout).stderr(Stdio::from(end));
    command.env("TERM", "xterm-256color").env_remove("NO_COLOR").env_remove("COLUMNS");
    let command_line = format!("{command:?}");
    let mut child = command.spawn().expect("the command starts");
    // Our copies of the terminal's end: while one is open, reading does not end.
    drop(command);
    let mut main = File::from(main);
    main.write_all(keys.as_bytes()).expect("the terminal takes keys");
    // A command that waits for a key that is not pressed would wait forever.
    let pid = Pid::from_child(&child);
    let (over, is_over) = channel::<()>();
    let watchdog = spawn(move || match is_over.recv_timeout(PATIENCE) {
        Err(RecvTimeoutError::Timeout) => kill_process(pid, Signal::KILL).is_ok(),
        _ => false,
    });
    let mut bytes = Vec::new();
    // EIO says that all programs have closed the terminal.
    if let Err(error) = main.read_to_end(&mut bytes) {
        assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::IO.raw_os_error()), "{error}");
    }
    drop(over);
    let lines = lines(&String::from_utf8_lossy(&bytes));
    assert!(
        !watchdog.join().expect("it does not panic"),
        "{command_line}: no end after {PATIENCE:?}: {lines:#?}"
    );
    let code = child.wait().expect("our child ends").code();
    Shown { code, lines }
}

/// Each line as often as it was drawn: a progress bar goes back to its beginning, a live screen to the top.
fn lines(text: &str) -> Vec<String> {
    let mut text = text.replace("\r\n", "\n");
    for back in ["\r", "\u{1b}[H", "\u{1b}[1A", "\u{1b}[2K"] {
        text = text.replace(back, "\n");
    }
    strip_str(&text).to_string().trim_end().lines().map(|line| line.trim_end().to_owned()).collect()
}

impl Shown {
    /// All lines.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// What is still to be seen in a terminal with so many `rows`, the last of which is the prompt's.
    pub fn last(&self, rows: usize) -> String {
        self.lines[self.lines.len().saturating_sub(rows - 1)..].join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_sees_the_terminals_size_and_its_keys() {
        let mut command = Command::new("sh");
        command
            .args(["-c", "stty size; read -r line; printf '\\033[31m%s\\033[0m\\n' \"$line\" >&2; exit 3"]);
        let shown = in_terminal(command, 81, 24, "typed\n");
        assert_eq!(shown.code, Some(3));
        assert!(
            shown.text().starts_with("24 81\n") || shown.text().contains("\n24 81\n"),
            "{}",
            shown.text()
        );
        assert_eq!(shown.last(2), "typed");
    }
}
