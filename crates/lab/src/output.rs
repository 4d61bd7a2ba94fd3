//! What the lab prints: text that fits the terminal, or the same text as it is for a file or another program.

use std::{
    fmt::Display,
    io::{self, Write},
};

use anstream::AutoStream;
use view::terminal;

/// Prints `report` and a line's end. It may begin with `code`, whose lines stay as long as they are.
///
/// # Errors
/// When standard output cannot be written. `lab … | head` closes its end early, which is none.
pub fn print(report: &impl Display, code: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let written = match terminal::width() {
        Some(width) => {
            let text = report.to_string();
            let (code, sentences) = text.split_at(if text.starts_with(code) { code.len() } else { 0 });
            let sentences = terminal::coloured(&terminal::fit(sentences, width));
            writeln!(AutoStream::auto(out), "{code}{sentences}")
        }
        None => writeln!(out, "{report}"),
    };
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
