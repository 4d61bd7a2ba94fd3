//! The learner's own guess: in `make predict` the lab asks for it before it answers.

use std::io::{self, IsTerminal, Write};

use crate::cli::{MOST_PER_S, Predict};

/// Fits into 80 columns, and names the ways out.
const QUESTION: &str = "Your own guess first: how many successful requests per second?\n\
    (a number; Enter alone for no guess; Ctrl-C to leave) ";

/// The learner's own guess; asks for it only in a terminal.
pub fn ask() -> anyhow::Result<Option<f64>> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(None);
    }
    loop {
        eprint!("{QUESTION}");
        io::stderr().flush()?;
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        match line.trim().parse() {
            Ok(per_s @ 0.0..=MOST_PER_S) => return Ok(Some(per_s)),
            _ if line.trim().is_empty() => return Ok(None),
            _ => eprintln!("Write successful requests per second, like 500."),
        }
    }
}

/// Whether `options` ask about another system than the one that runs, and so about more than the next load test.
pub fn is_hypothetical(options: &Predict) -> bool {
    let Predict { servers, pool, connections, rows, service, wait, run, .. } = options;
    let sizes = [servers, pool, connections].iter().any(|size| size.is_some());
    sizes || rows.is_some() || service.is_some() || wait.is_some() || run.is_some()
}

/// What only a load test finds out.
pub const NOTHING_MEASURED: [&str; 2] = [
    "how much CPU a request needs, and how long it holds a connection",
    "how many requests fail, and how long the others wait",
];
