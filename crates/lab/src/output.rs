//! What the lab prints: text that fits the terminal, or the same text as it is for a file or another program.

use std::{
    fmt::Display,
    io::{self, Write},
};

use anstream::AutoStream;
use clap::error::ErrorKind;
use view::terminal;

/// Prints `report` and a line's end. It may begin with `code`, whose lines stay as long as they are.
///
/// # Errors
/// When standard output cannot be written. If the reader stops early, as in `lab … | head`, that is no error.
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

/// Prints `message` to standard error.
pub fn complain(message: &str) {
    match terminal::error_width() {
        Some(width) => eprintln!("{}", terminal::fit(message, width)),
        None => eprintln!("{message}"),
    }
}

/// Prints the help that was asked for, or what is wrong with the arguments, and ends the program.
pub fn explain_arguments(error: &clap::Error) -> ! {
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let width = if is_help { terminal::width() } else { terminal::error_width() };
    let Some(width) = width else { error.exit() };
    let text = terminal::fit(&error.render().ansi().to_string(), width);
    if is_help {
        anstream::print!("{text}");
    } else {
        anstream::eprint!("{text}");
    }
    std::process::exit(error.exit_code())
}
