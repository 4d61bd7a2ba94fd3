//! Tries what the services and the lab promise when things go wrong: it breaks real programs on a real PostgreSQL and Redis
//! and prints a table of what was promised, what was done, and what was measured.
//!
//! `cargo xtask torture` builds the services and runs this. All that happens at random follows from one seed, which is
//! printed; `--seed` repeats it.

mod canary;
mod clients;
mod lab;
mod ledger_client;
mod process;
mod program;
mod promise;
mod promises;
mod shop;
mod table;

use std::process::ExitCode;

use clap::Parser;
use testkit::require::missing;

use self::promise::Trial;

/// Break the services and the lab on purpose, and see whether their promises hold.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask torture")]
struct Cli {
    /// Try each promise with small figures: three to four minutes in all.
    #[arg(long)]
    short: bool,
    /// Try only these, by number: --only 1,2
    #[arg(long, value_delimiter = ',')]
    only: Vec<u32>,
    /// Repeat the random choices of an earlier run.
    #[arg(long)]
    seed: Option<u64>,
    /// Write what was measured to the table in docs/promises.md.
    #[arg(long)]
    write: bool,
}

fn main() -> ExitCode {
    let Cli { short, only, seed, write } = Cli::parse();
    let seed = seed.unwrap_or_else(|| fastrand::u64(1..1_000_000));
    println!("seed {seed}");
    let mut rows = Vec::new();
    for promise in promises::ALL.iter().filter(|promise| only.is_empty() || only.contains(&promise.number)) {
        let left_out = promises::NOT_IN_SHORT.iter().find(|(number, _)| *number == promise.number);
        if let Some((number, why)) = left_out.filter(|_| short && only.is_empty()) {
            println!("SKIPPED {number}. {}: {why}", promise.text);
            continue;
        }
        if promises::NEEDS_ROOT.contains(&promise.number) && !rustix::process::geteuid().is_root() {
            missing("root", &format!("promise {}: {}", promise.number, promise.text));
            continue;
        }
        // The same choices for a promise, whichever others are tried.
        let row = promise.try_it(Trial::new(seed ^ u64::from(promise.number), short));
        println!("{}", table::line(&row));
        rows.push(row);
    }
    let broken = rows.iter().filter(|row| !row.holds()).count();
    println!("{} promises tried, {broken} broken; seed {seed}", rows.len());
    if write && let Err(error) = table::write(&rows, seed, short) {
        eprintln!("torture: {error:#}");
        return ExitCode::from(2);
    }
    if broken == 0 && !rows.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
