//! The command line: every verb, its arguments and its help.

mod values;
mod engine;
mod signal;
mod load;
mod predict;
mod compare;

use std::{num::NonZeroUsize, time::Duration};

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use lesson::Variant;

pub use self::{
    compare::{Ab, Compare},
    engine::EngineArg,
    load::Load,
    predict::{MOST_PER_S, Predict},
    signal::Signal,
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
    Up(Up),
    /// Stop a scenario: the current one, a number, or all of them.
    Down {
        /// Number of the scenario.
        scenario: Option<u8>,
        /// Stop every scenario of this checkout.
        #[arg(long)]
        all: bool,
    },
    /// Restart the programs without building them again.
    Restart {
        /// Restart one server after the other, while the others serve.
        #[arg(long)]
        rolling: bool,
    },
    /// Send a signal to a service to simulate a crash. The lab restarts it.
    Kill {
        /// Name of the service.
        service: String,
        /// Signal to send. STOP freezes the process until CONT.
        #[arg(long, default_value = "KILL", value_enum, ignore_case = true)]
        signal: Signal,
    },
    /// Show what runs, on which address, and the rows in the database.
    Status,
    /// Print the address of the lab's page, and open it where there is a desktop.
    Open,
    /// Show the dashboard's panels in the terminal, until q or Ctrl-C.
    Top,
    /// Show the logs.
    Logs {
        /// Only the log of this service.
        service: Option<String>,
        /// Print new lines as they come, until Ctrl-C.
        #[arg(short, long)]
        follow: bool,
    },
    /// Run the lesson's load test and save the result.
    Load(Load),
    /// Check the running system against the lesson's goals.
    Check,
    /// Show the next hint about what the last check or load test found.
    Hint,
    /// Check again whenever something changes, until Ctrl-C.
    Watch,
    /// Show your progress in every lesson.
    Progress,
    /// Show how PostgreSQL runs the lesson's query.
    Explain,
    /// Apply the lesson's fix to the database.
    ApplyFix,
    /// Show all load tests in one table.
    Results,
    /// Predict a load test, also for sizes this machine cannot run; record your own guess.
    Predict(Predict),
    /// Compare two load tests: how much changed, and whether that exceeds chance and this machine's noise.
    Compare(Compare),
    /// Alternate load between two programs. Slower than `compare`, but more reliable.
    Ab(Ab),
    /// Write one load test, or two side by side, as an HTML file with plots.
    Report {
        /// One run, or two, the earlier first [default: the last].
        #[arg(num_args = 0..=2, value_name = "RUN")]
        runs: Vec<String>,
    },
    /// Open psql on the scenario's database; further arguments go to psql.
    Sql {
        /// As a role that can read everything and change nothing.
        #[arg(long)]
        read_only: bool,
        /// Arguments of psql.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Open redis-cli on the scenario's Redis; further arguments go to redis-cli.
    Redis {
        /// Arguments of redis-cli.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Reset data and code to the start, or only one of them.
    Reset {
        /// Reset the database to the seeded data.
        #[arg(long)]
        data: bool,
        /// Reset the source files to the lesson's start; your versions are kept in a folder.
        #[arg(long)]
        code: bool,
    },
    /// Show what the reference solution changes.
    Solution,
    /// Show what the lab keeps on the disk and remove it: data, logs, programs, containers. Your load tests, predictions,
    /// progress and source files stay.
    Clean {
        /// Remove the saved load tests, too.
        #[arg(long)]
        all: bool,
        /// Remove nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Show which programs this machine lacks.
    Doctor {
        /// Install what is missing.
        #[arg(long)]
        install: bool,
    },
    /// Prove a lesson's claims in a short run with its own data and ports: the starter fails, the solution serves.
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

/// `lab up`.
#[derive(Debug, Args)]
pub struct Up {
    /// Number of the scenario.
    pub scenario: u8,
    /// Your program, or the reference solution.
    #[arg(long, default_value = "starter", value_parser = variant())]
    pub variant: Variant,
    /// Which engine runs it.
    #[arg(long, default_value = "auto", value_enum)]
    pub engine: EngineArg,
    /// Do not rebuild and restart when a source file is saved.
    #[arg(long)]
    pub no_watch: bool,
    /// Start neither the page nor Prometheus.
    #[arg(long)]
    pub no_dashboard: bool,
    /// Build with optimisations: for figures that are published.
    #[arg(long)]
    pub release: bool,
}

fn variant() -> impl TypedValueParser<Value = Variant> {
    PossibleValuesParser::new(["starter", "solution"]).map(|name| Variant::from(&*name))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
