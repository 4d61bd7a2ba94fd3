//! Which engine runs a scenario.

use std::env;

use anyhow::bail;
use compose::service_spec::Engine;

use crate::{docker, needs};

/// The engine that was `asked` for (`None` for any), else the one that `LAB_ENGINE` names, else the one that runs the
/// scenario already, else native where this machine has PostgreSQL or allows the lab to install it.
///
/// # Errors
/// When `LAB_ENGINE` names no engine.
pub fn choose(asked: Option<Engine>, running: Option<Engine>) -> anyhow::Result<Engine> {
    let preferred = env::var("LAB_ENGINE").unwrap_or_default();
    let preferred = match &*preferred {
        "native" => Some(Engine::Native),
        "compose" => Some(Engine::Compose),
        "" | "auto" => None,
        _ => bail!("LAB_ENGINE={preferred:?}: expected native, compose or auto"),
    };
    Ok(asked.or(preferred).or(running).unwrap_or_else(|| {
        if needs::can_have_postgres() || !docker::is_there() { Engine::Native } else { Engine::Compose }
    }))
}
