//! The commands that hold two things against each other.

use std::time::Duration;

use clap::{Args, builder::TypedValueParser};

use super::seconds;
use crate::lesson::Variant;

/// `lab compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// Two runs, the earlier first [default: the last two].
    #[arg(num_args = 2, value_name = "RUN")]
    pub runs: Vec<String>,
    /// Even if they differ in load, data, build profile or machine.
    #[arg(long)]
    pub anyway: bool,
}

/// `lab ab`.
#[derive(Debug, Args)]
pub struct Ab {
    /// Which scenario [default: the current one].
    #[arg(long)]
    pub scenario: Option<u8>,
    /// The one before: `starter` (your program), `solution`, or a run, whose code is taken as it was.
    #[arg(default_value = "starter", value_parser = program)]
    pub before: Program,
    /// The one after.
    #[arg(default_value = "solution", value_parser = program)]
    pub after: Program,
    /// How often both are loaded at most. It ends as soon as the answer is clear, on a quiet machine after 8.
    #[arg(long, default_value = "32", value_parser = clap::value_parser!(u8).range(6..=40).map(usize::from))]
    pub rounds: usize,
    /// How long each run measures.
    #[arg(long, default_value = "6s", value_parser = seconds)]
    pub duration: Duration,
}

/// A program that can be loaded.
#[derive(Clone, Debug)]
pub enum Program {
    /// As it is now.
    Now(Variant),
    /// As it was in the run of this id.
    Then(String),
}

fn program(text: &str) -> Result<Program, String> {
    match text {
        "starter" | "solution" => Ok(Program::Now(Variant::from(text))),
        run if run.parse::<u32>().is_ok() => Ok(Program::Then(run.to_owned())),
        _ => Err("write starter, solution or the number of a run".to_owned()),
    }
}
