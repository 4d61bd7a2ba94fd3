//! `lab kill`: the accident of a lesson, to a process or a container.

use std::fmt::{self, Display, Formatter};

use anyhow::Context;
use rustix::process::Signal;
use serde::Serialize;

use super::running;
use crate::project::Scenario;

/// What may happen to a service, as `kill` calls it.
pub const SIGNALS: [&str; 4] = ["KILL", "TERM", "STOP", "CONT"];

/// What was done to whom.
#[derive(Debug, Serialize)]
pub struct Killed {
    service: String,
    signal: String,
}

/// Sends `signal`, one of [`SIGNALS`], to the service `name`.
///
/// # Errors
/// When no such service runs, or Docker does not do it.
pub fn run(scenario: &Scenario, name: &str, signal: &str) -> anyhow::Result<Killed> {
    let (desired, state) = running(scenario)?;
    let service = desired.services.iter().find(|service| service.name == name).with_context(|| {
        let names: Vec<_> = desired.services.iter().map(|service| &*service.name).collect();
        format!("there is no service {name}; there is {}", names.join(", "))
    })?;
    match &service.container {
        // Its process is Docker Compose, which only looks on.
        Some(container) => container.signal(name, signal)?,
        None => {
            let process = state.service(name).and_then(|service| service.process.as_ref());
            let process = process.with_context(|| format!("{name} does not run just now"))?;
            process.signal(number(signal));
        }
    }
    Ok(Killed { service: name.to_owned(), signal: signal.to_owned() })
}

fn number(signal: &str) -> Signal {
    match signal {
        "TERM" => Signal::TERM,
        "STOP" => Signal::STOP,
        "CONT" => Signal::CONT,
        _ => Signal::KILL,
    }
}

impl Display for Killed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { service, signal } = self;
        match &**signal {
            "STOP" => {
                write!(f, "{service} is frozen; it goes on with: cargo lab kill {service} --signal CONT")
            }
            "CONT" => write!(f, "{service} goes on"),
            _ => write!(f, "{service} was killed; the lab starts it again"),
        }
    }
}
