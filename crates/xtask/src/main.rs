//! `cargo xtask`: what maintainers and CI run. Learners never build it.

mod git;
mod scenarios;
mod compose_file;
mod counts;
mod files;
mod tool_path;
mod test_part;
mod test_parts;
mod lints;
mod sample;
mod resume;
mod summary;
mod tidy;
mod commands;

use std::{env, process::ExitCode};

use clap::{Parser, Subcommand};

use self::commands::{devcontainers, fuzz, lint, matrix, pictures, soak, starters, test, tools, torture};

/// Tests, lints and generated files of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the tests of every commit: lints, all unit, API and engine tests, a smoke test per scenario, and a sample of
    /// the wrong fixes and of the container tests. LAB_SAMPLE=7/20 repeats a sample.
    Test {
        /// Run only the parts whose name starts with this.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Run every test once, on both engines.
    TestAll {
        /// Skip the parts that have passed since the files last changed.
        #[arg(long)]
        resume: bool,
        /// Run only the parts whose name starts with this.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Check every state of the lessons many times and count the wrong verdicts; then try every promise at its full figure and fuzz every parser for an hour.
    Soak(soak::Soak),
    /// Break the services and the lab on purpose, and print which promises hold. `--short` takes three to four minutes.
    Torture {
        /// `--help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run libFuzzer on every parser of text from outside, and stop at an input at which one panics or hangs.
    Fuzz(fuzz::Fuzz),
    /// Check everything that people write: code, scripts, workflows, compose files, spelling.
    Lint {
        /// Leave out what compiles; the pre-commit hook uses this.
        #[arg(long)]
        fast: bool,
    },
    /// Check what no compiler checks: links, metrics, lessons, layers, sizes, words.
    Tidy,
    /// Install the pinned tools that `lint` uses.
    Tools,
    /// Print the scenarios and the images as outputs of a GitHub job.
    Matrix,
    /// Print each image of ours as PACKAGE:BINARY.
    Images,
    /// Write `.devcontainer/scenario-N/devcontainer.json` for each scenario from `devcontainers/template.json`.
    Devcontainers {
        /// Change nothing; fail when a file differs.
        #[arg(long)]
        check: bool,
    },
    /// Measure each lesson before and after its fix, and draw `docs/scenario-N/assets/before-after.svg`.
    Pictures,
    /// Write `docs/scenario-N/starter.sha256` for each scenario: the sums of the files that a learner edits.
    Starters,
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything passed.
fn run(command: Command) -> anyhow::Result<bool> {
    // Paths below are relative to the top of the checkout.
    env::set_current_dir(git::text(&["rev-parse", "--show-toplevel"])?)?;
    match command {
        Command::Test { only } => test::sampled(&only),
        Command::TestAll { resume, only } => test::all(&only, resume),
        Command::Soak(options) => soak::run(&options),
        Command::Torture { arguments } => torture::run(&arguments),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Lint { fast } => lint::run(fast),
        Command::Tidy => commands::tidy::run(),
        Command::Tools => tools::run(),
        Command::Matrix => matrix::run(),
        Command::Images => matrix::images(),
        Command::Devcontainers { check } => devcontainers::run(check),
        Command::Pictures => pictures::run(),
        Command::Starters => starters::run(),
    }
}
