//! The engines of `--engine`.

use clap::ValueEnum;
use compose::service_spec::Engine;

/// Which engine to run a scenario with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineArg {
    /// The engine in `LAB_ENGINE`, else the one that runs already, else native where possible.
    Auto,
    /// Processes of this machine.
    Native,
    /// Containers, by Docker Compose.
    Compose,
}

impl From<EngineArg> for Option<Engine> {
    fn from(argument: EngineArg) -> Self {
        match argument {
            EngineArg::Auto => None,
            EngineArg::Native => Some(Engine::Native),
            EngineArg::Compose => Some(Engine::Compose),
        }
    }
}
