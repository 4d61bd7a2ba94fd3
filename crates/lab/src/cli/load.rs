//! The command that loads.

use std::time::Duration;

use clap::Args;

use super::{rate, seconds};

/// `lab load`.
#[derive(Debug, Args)]
pub struct Load {
    /// Users, each of whom waits for an answer before asking again [default: the lesson's]. With a rate: how many
    /// requests may be under way at once [default: 1000].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub users: Option<u32>,
    /// Begin so many requests per second, whether or not those before them were answered.
    #[arg(long, value_name = "PER_SECOND", value_parser = rate)]
    pub rate: Option<f64>,
    /// Raise the rate by steps until the service no longer keeps up, and say which rate it sustained. Begins with
    /// --rate [default: 50]; --duration is that of a step [default: 5s].
    #[arg(long)]
    pub find_max: bool,
    /// With --find-max: the latency that 99 % of the answers must not exceed, in milliseconds.
    #[arg(long, value_name = "MS", default_value = "500", requires = "find_max", value_parser = clap::value_parser!(u32).range(1..))]
    pub p99: u32,
    /// How long to measure, for example 30s or 2m [default: the lesson's].
    #[arg(long, value_parser = seconds)]
    pub duration: Option<Duration>,
    /// Ask for this endpoint of the lesson alone.
    #[arg(long, value_name = "ENDPOINT")]
    pub only: Option<String>,
}
