//! The two ways to run a scenario.

use std::{
    env,
    fmt::{self, Display, Formatter},
};

use anyhow::bail;
use serde::{Deserialize, Serialize};

use crate::{docker, needs};

/// How a scenario runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// As processes of this machine.
    #[default]
    Native,
    /// In containers.
    Compose,
}

impl Engine {
    /// The engine that was `asked` for (`native`, `compose`, `auto`), else the one that `LAB_ENGINE` names, else the one
    /// that runs the scenario already, else native where this machine has PostgreSQL or lets us install it.
    ///
    /// # Errors
    /// When `LAB_ENGINE` names none.
    pub fn choose(asked: &str, running: Option<Self>) -> anyhow::Result<Self> {
        let wished = env::var("LAB_ENGINE").unwrap_or_default();
        let name = if asked == "auto" { wished.as_str() } else { asked };
        Ok(match (name, running) {
            ("native", _) => Self::Native,
            ("compose", _) => Self::Compose,
            ("" | "auto", Some(engine)) => engine,
            ("" | "auto", None) if needs::can_have_postgres() || !docker::is_there() => Self::Native,
            ("" | "auto", None) => Self::Compose,
            _ => bail!("LAB_ENGINE={name:?}: expected native, compose or auto"),
        })
    }
}

impl Display for Engine {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "without Docker",
            Self::Compose => "in containers",
        })
    }
}
