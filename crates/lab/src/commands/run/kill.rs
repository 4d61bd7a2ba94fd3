//! `lab kill`: a crash or a freeze on purpose, of a process or a container.

use std::fmt::{self, Display, Formatter};

use anyhow::Context;
use project::{Scenario, running};
use serde::Serialize;

use crate::cli::Signal;

/// What was sent to which service.
#[derive(Debug, Serialize)]
pub struct Killed {
    service: String,
    signal: Signal,
}

/// Sends `signal` to the service `name`.
///
/// # Errors
/// When no such service runs, or Docker does not do it.
pub fn run(scenario: &Scenario, name: &str, signal: Signal) -> anyhow::Result<Killed> {
    let (spec, status) = running(scenario)?;
    let service = spec.services.iter().find(|service| service.name == name).with_context(|| {
        let names: Vec<_> = spec.services.iter().map(|service| &*service.name).collect();
        format!("there is no service {name}; there is {}", names.join(", "))
    })?;
    engine::signal::send(service, &status, signal.into())?;
    Ok(Killed { service: name.to_owned(), signal })
}

impl Display for Killed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { service, signal } = self;
        match signal {
            Signal::Stop => {
                write!(f, "{service} is frozen; continue it with: cargo lab kill {service} --signal CONT")
            }
            Signal::Cont => write!(f, "{service} continues"),
            Signal::Kill | Signal::Term => write!(f, "{service} was killed; the lab restarts it"),
        }
    }
}
