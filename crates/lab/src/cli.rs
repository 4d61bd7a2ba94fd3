//! The command line.

mod load;
mod predict;
mod two;

use std::{collections::BTreeMap, num::NonZeroUsize, path::PathBuf, time::Duration};

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};

pub use self::{
    load::Load,
    predict::{MOST_PER_S, Predict},
    two::{Ab, Compare, Program},
};
use crate::{commands::kill::SIGNALS, lesson::Variant};

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
    /// Start a scenario, or bring what runs in line with its files.
    Up(Up),
    /// Stop a scenario: the current one, a number, or all of them.
    Down {
        /// Which one.
        scenario: Option<u8>,
        /// Every scenario of this checkout.
        #[arg(long)]
        all: bool,
    },
    /// Start the programs anew, from the same files.
    Restart {
        /// One after the other, each while the others serve in its place.
        #[arg(long)]
        rolling: bool,
    },
    /// Have an accident happen to a service, in a container or not. The lab starts again what it ends.
    Kill {
        /// Which service.
        service: String,
        /// What it is sent; STOP freezes it until CONT.
        #[arg(long, default_value = "KILL", value_parser = PossibleValuesParser::new(SIGNALS))]
        signal: String,
    },
    /// Show what runs, where, and what is in the database.
    Status,
    /// Print the address of the lab's page, and open it where there is a desktop.
    Open,
    /// Show the panels of the dashboard in the terminal, until q or Ctrl-C.
    Top,
    /// Show the logs.
    Logs {
        /// Of this service only.
        service: Option<String>,
        /// Go on until Ctrl-C.
        #[arg(short, long)]
        follow: bool,
    },
    /// Run the lesson's load test and save what it found.
    Load(Load),
    /// Hold what runs against the lesson's goals.
    Check,
    /// Show the next hint on what the last check or load test found wrong.
    Hint,
    /// Check again whenever something changes, until Ctrl-C.
    Watch,
    /// Show how far you are.
    Progress,
    /// Show how PostgreSQL runs the lesson's query.
    Explain,
    /// Apply the lesson's fix to the database.
    ApplyFix,
    /// Show the load tests so far in one table.
    Results,
    /// Say what a load test will find, or would find at a size that is not here; and keep your own guess.
    Predict(Predict),
    /// Compare two load tests: how much changed, and whether that is more than chance and this machine's noise.
    Compare(Compare),
    /// Load two programs by turns and compare them: slower than to compare two load tests, and surer.
    Ab(Ab),
    /// Write a load test, or two beside each other, as one HTML file with plots.
    Report {
        /// One run, or two, the earlier first [default: the last].
        #[arg(num_args = 0..=2, value_name = "RUN")]
        runs: Vec<String>,
    },
    /// Open psql on the scenario's database; what follows is passed on to it.
    Sql {
        /// For psql.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Go back to the start: data and code, or one of them.
    Reset {
        /// The database as it was seeded.
        #[arg(long)]
        data: bool,
        /// The source files as they were committed; yours are kept as a patch.
        #[arg(long)]
        code: bool,
    },
    /// Show what the reference solution changes.
    Solution,
    /// Show what this machine lacks.
    Doctor {
        /// Install what is missing.
        #[arg(long)]
        install: bool,
    },
    /// Check what no compiler checks: links, metrics in dashboards, hints, the size of solutions.
    Tidy,
    /// Prove a lesson's claims in a short run of their own: the starter fails, the solution serves.
    Smoke {
        /// Which scenario.
        scenario: u8,
        /// As processes of this machine (native), or in containers (compose) [default: as `up`].
        #[arg(long, default_value = "auto", hide_default_value = true, value_parser = ["native", "compose", "auto"])]
        engine: String,
        /// Seconds of load per stage.
        #[arg(long, default_value = "5", value_parser = seconds)]
        duration: Duration,
    },
    /// Prove lessons both ways: the starter and every wrong fix fail as announced, the reference solution passes.
    Validate {
        /// Which scenario [default: all].
        scenario: Option<u8>,
        /// As processes of this machine (native), or in containers (compose) [default: as `up`].
        #[arg(long, default_value = "auto", hide_default_value = true, value_parser = ["native", "compose", "auto"])]
        engine: String,
        /// How often each state is checked.
        #[arg(long, default_value = "1")]
        runs: NonZeroUsize,
        /// Only these states, separated by commas: starter, solution, reset, and the fixes in check.toml.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
    },
    /// Serve the page of a scenario; its supervisor starts this.
    #[command(hide = true)]
    Page {
        /// Which scenario.
        scenario: u8,
    },
    /// Own what a scenario runs; `up` starts this in the background.
    #[command(hide = true)]
    Supervise {
        /// Which scenario.
        scenario: u8,
    },
}

/// `lab up`.
#[derive(Debug, Args)]
pub struct Up {
    /// Which scenario.
    pub scenario: u8,
    /// Your program, or the reference solution.
    #[arg(long, default_value = "starter", value_parser = variant())]
    pub variant: Variant,
    /// As processes of this machine (native), or in containers (compose) [default: LAB_ENGINE, else what runs already, else
    /// native where it can be].
    #[arg(long, default_value = "auto", hide_default_value = true, value_parser = ["native", "compose", "auto"])]
    pub engine: String,
    /// Do not rebuild and restart when a source file is saved.
    #[arg(long)]
    pub no_watch: bool,
    /// Start neither the page nor the Prometheus behind it.
    #[arg(long)]
    pub no_dashboard: bool,
    /// Build with optimisations: for figures that are published.
    #[arg(long)]
    pub release: bool,
    /// What is read instead of what, from the checkout's top: `smoke` takes a lesson through its stages.
    #[arg(skip)]
    pub stand_ins: BTreeMap<PathBuf, PathBuf>,
}

fn variant() -> impl TypedValueParser<Value = Variant> {
    PossibleValuesParser::new(["starter", "solution"]).map(|name| Variant::from(&*name))
}

/// Requests per second; 0.5 is one every two seconds.
fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate @ 0.1..=200_000.0) => Ok(rate),
        _ => Err("write it like 500 or 0.5, up to 200000 per second".to_owned()),
    }
}

/// `30s`, `30` or `2m`, up to an hour.
fn seconds(text: &str) -> Result<Duration, String> {
    let (number, unit) =
        text.strip_suffix('m').map_or((text.trim_end_matches('s'), 1), |number| (number, 60));
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)) {
        Some(seconds @ 1..=3_600) => Ok(Duration::from_secs(seconds)),
        _ => Err("write it like 30s or 2m, up to 60m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_have_units_and_limits() {
        assert_eq!(seconds("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(seconds("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(seconds("3600"), Ok(Duration::from_secs(3_600)));
        for wrong in ["0", "3601", "-1", "soon", "", "99999999999999999999m"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rates_may_be_slow_but_not_nothing() {
        assert_eq!(rate("500"), Ok(500.0));
        assert_eq!(rate("0.5"), Ok(0.5));
        for wrong in ["0", "-1", "NaN", "inf", "many", ""] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }
}
