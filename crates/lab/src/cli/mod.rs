//! The command line: every verb, its arguments and its help.

mod values;
mod up;
mod engine;
mod signal;
mod load;
mod predict;
mod compare;
#[cfg(test)]
mod tests;

use std::{num::NonZeroUsize, time::Duration};

use clap::{Parser, Subcommand};

pub use self::{
    compare::{Ab, Compare},
    engine::EngineArg,
    load::Load,
    predict::{MOST_PER_S, Predict},
    signal::Signal,
    up::Up,
};

/// A system design lab: start a flawed backend, put it under load, find out why it fails, fix it.
#[derive(Debug, Parser)]
#[command(name = "lab", version, disable_help_subcommand = true)]
pub struct Cli {
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start a scenario, or apply changes of its files to the one that runs.
    #[command(after_help = "Example: cargo lab up 1")]
    Up(Up),
    /// Stop a scenario: the current one, a number, or all of them.
    #[command(after_help = "Example: cargo lab down 1")]
    Down {
        /// Number of the scenario.
        scenario: Option<u8>,
        /// Stop every scenario of this checkout.
        #[arg(long)]
        all: bool,
    },
    /// Restart the programs without building them again.
    #[command(after_help = "Example: cargo lab restart --rolling")]
    Restart {
        /// Restart one server after the other, while the others serve.
        #[arg(long)]
        rolling: bool,
    },
    /// Send a signal to a service to simulate a crash. The lab restarts it.
    #[command(after_help = "Example: cargo lab kill app1 --signal STOP")]
    Kill {
        /// Name of the service.
        service: String,
        /// Signal to send. STOP freezes the process until CONT.
        #[arg(long, default_value = "KILL", value_enum, ignore_case = true)]
        signal: Signal,
    },
    /// Show what runs, on which address, and the rows in the database.
    #[command(after_help = "Example: cargo lab status 1")]
    Status {
        /// Number of the scenario [default: the one that was started last].
        scenario: Option<u8>,
    },
    /// Print the address of the lab's page, and open it where there is a desktop.
    #[command(after_help = "Example: cargo lab open")]
    Open,
    /// Show the dashboard's panels in the terminal, until q or Ctrl-C.
    #[command(after_help = "Example: cargo lab top")]
    Top,
    /// Show the logs.
    #[command(after_help = "Example: cargo lab logs db --follow")]
    Logs {
        /// Only the log of this service.
        service: Option<String>,
        /// Print new lines as they come, until Ctrl-C.
        #[arg(short, long)]
        follow: bool,
    },
    /// Run the lesson's load test and save the result.
    #[command(after_help = "Example: cargo lab load --users 50 --duration 10s")]
    Load(Load),
    /// Check the running system against the lesson's goals.
    #[command(after_help = "Example: cargo lab check")]
    Check,
    /// Show the next hint about what the last check or load test found.
    #[command(after_help = "Example: cargo lab hint")]
    Hint,
    /// Check again whenever something changes, until Ctrl-C.
    #[command(after_help = "Example: cargo lab watch")]
    Watch,
    /// Show your progress in every lesson.
    #[command(after_help = "Example: cargo lab progress")]
    Progress,
    /// Show how PostgreSQL runs the lesson's query.
    #[command(after_help = "Example: cargo lab explain")]
    Explain,
    /// Apply the lesson's fix to the database.
    #[command(after_help = "Example: cargo lab apply-fix")]
    ApplyFix,
    /// Show all load tests in one table.
    #[command(after_help = "Example: cargo lab results")]
    Results,
    /// Predict a load test, also for sizes this machine cannot run; record your own guess.
    #[command(after_help = "Example: cargo lab predict --users 10000 --servers 20")]
    Predict(Predict),
    /// Compare two load tests: how much changed, and whether that exceeds chance and this machine's noise.
    #[command(after_help = "Example: cargo lab compare 001 003")]
    Compare(Compare),
    /// Alternate load between two programs. Slower than `compare`, but more reliable.
    #[command(after_help = "Example: cargo lab ab starter solution")]
    Ab(Ab),
    /// Write one load test, or two side by side, as an HTML file with plots.
    #[command(after_help = "Example: cargo lab report 001 003")]
    Report {
        /// One run, or two, the earlier first [default: the last].
        #[arg(num_args = 0..=2, value_name = "RUN")]
        runs: Vec<String>,
        /// The record of the finished lesson instead: its goals, your runs and your answers.
        #[arg(long, conflicts_with = "runs")]
        lesson: bool,
    },
    /// Open psql on the scenario's database; further arguments go to psql.
    #[command(after_help = "Example: cargo lab sql -c \"SELECT 1\"")]
    Sql {
        /// As a role that can read everything and change nothing.
        #[arg(long)]
        read_only: bool,
        /// Arguments of psql.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Open redis-cli on the scenario's Redis; further arguments go to redis-cli.
    #[command(after_help = "Example: cargo lab redis info memory")]
    Redis {
        /// Arguments of redis-cli.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Reset data and code to the start, or only one of them.
    #[command(after_help = "Example: cargo lab reset --code")]
    Reset {
        /// Reset the database to the seeded data.
        #[arg(long)]
        data: bool,
        /// Reset the source files to the lesson's start; your versions are kept in a folder.
        #[arg(long)]
        code: bool,
    },
    /// Show what the reference solution changes.
    #[command(after_help = "Example: cargo lab solution")]
    Solution,
    /// Show what the lab keeps on the disk and remove it: data, logs, programs, containers. Your load tests, predictions,
    /// progress and source files stay.
    #[command(after_help = "Example: cargo lab clean --dry-run")]
    Clean {
        /// Remove the saved load tests, too.
        #[arg(long)]
        all: bool,
        /// Remove nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Print what a shell needs to complete `cargo lab`.
    #[command(after_help = "Example: cargo lab completions bash")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Show which programs this machine lacks.
    #[command(after_help = "Example: cargo lab doctor --install")]
    Doctor {
        /// Install what is missing.
        #[arg(long)]
        install: bool,
    },
    /// Prove a lesson's claims in a short run with its own data and ports: the starter fails, the solution serves.
    #[command(after_help = "Example: cargo lab smoke 1")]
    Smoke {
        /// Number of the scenario.
        scenario: u8,
        /// Which engine runs it.
        #[arg(long, default_value = "auto", value_enum)]
        engine: EngineArg,
        /// Seconds of load per stage.
        #[arg(long, default_value = "5", value_parser = values::seconds)]
        duration: Duration,
    },
    /// Prove lessons both ways: the starter and every wrong fix fail as announced, the reference solution passes.
    #[command(after_help = "Example: cargo lab validate 1 --only starter,solution")]
    Validate {
        /// Number of the scenario [default: all].
        scenario: Option<u8>,
        /// Which engine runs it.
        #[arg(long, default_value = "auto", value_enum)]
        engine: EngineArg,
        /// How often each state is checked.
        #[arg(long, default_value = "1")]
        runs: NonZeroUsize,
        /// Only these states, separated by commas: starter, solution, reset, and the fixes in wrong-fixes.toml.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Serve the page of a scenario; its supervisor starts this.
    #[command(hide = true)]
    Page {
        /// Number of the scenario.
        scenario: u8,
    },
    /// Run everything of a scenario; `up` starts this in the background.
    #[command(hide = true)]
    Supervise {
        /// Number of the scenario.
        scenario: u8,
        /// Stop when the terminal closes, or has closed already.
        #[arg(long)]
        in_terminal: bool,
    },
}
