//! The arguments of the commands that compare two runs or two programs.

use std::time::Duration;

use clap::{Args, builder::TypedValueParser};
use lesson::Variant;
use workflow::interleaved::Program;

use super::values::seconds;

/// `lab compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// Two runs, the earlier first [default: the last two].
    #[arg(num_args = 2, value_name = "RUN")]
    pub runs: Vec<String>,
    /// Compare even if the runs differ in load, data, build profile or machine.
    #[arg(long)]
    pub anyway: bool,
}

/// `lab ab`.
#[derive(Debug, Args)]
pub struct Ab {
    /// Which scenario [default: the current one].
    #[arg(long)]
    pub scenario: Option<u8>,
    /// First program: `starter` (your program), `solution`, or the number of a run, whose code is used again.
    #[arg(default_value = "starter", value_parser = program)]
    pub before: Program,
    /// Second program.
    #[arg(default_value = "solution", value_parser = program)]
    pub after: Program,
    /// Rounds at most. The comparison ends as soon as the answer is clear, on a quiet machine after 8 rounds.
    #[arg(long, default_value = "32", value_parser = clap::value_parser!(u8).range(6..=40).map(usize::from))]
    pub rounds: usize,
    /// Length of each run.
    #[arg(long, default_value = "6s", value_parser = seconds)]
    pub duration: Duration,
}

fn program(text: &str) -> Result<Program, String> {
    match text {
        "starter" | "solution" => Ok(Program::Now(Variant::from(text))),
        run if run.parse::<u32>().is_ok() => Ok(Program::Then(run.to_owned())),
        _ => Err("write starter, solution or the number of a run".to_owned()),
    }
}
