//! The arguments of `lab load`.

use std::time::Duration;

use clap::Args;

use super::values::{rate, seconds};

/// `lab load`.
#[derive(Debug, Args)]
pub struct Load {
    /// Users, each of whom waits for an answer before the next request [default: the lesson's]. With --rate: how many
    /// requests may be in flight at once [default: 1000].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub users: Option<u32>,
    /// Start this many requests per second, whether or not earlier ones were answered (open loop).
    #[arg(long, value_name = "PER_SECOND", value_parser = rate)]
    pub rate: Option<f64>,
    /// Raise the rate in steps until the service no longer keeps up, and report the highest sustained rate. Starts at
    /// --rate [default: 50]; --duration is the length of a step [default: 5s].
    #[arg(long)]
    pub find_max: bool,
    /// With --find-max: the p99 latency that must not be exceeded, in milliseconds.
    #[arg(long, value_name = "MS", default_value = "500", requires = "find_max", value_parser = clap::value_parser!(u32).range(1..))]
    pub p99: u32,
    /// Length of the measurement, for example 30s or 2m [default: the lesson's].
    #[arg(long, value_parser = seconds)]
    pub duration: Option<Duration>,
    /// Load only this endpoint of the lesson.
    #[arg(long, value_name = "ENDPOINT")]
    pub only: Option<String>,
}
