//! The arguments of `lab up`.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use lesson::Variant;

use super::engine::EngineArg;

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
