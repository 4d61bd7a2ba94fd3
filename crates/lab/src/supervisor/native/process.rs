//! A process of ours and the cap on its CPU.

use std::{
    path::Path,
    process::{Child, Command},
};

use super::cap::Cap;
use crate::{
    plan::Service,
    process::{self, Identity},
    project::Scenario,
};

/// A process that was started.
pub struct Process {
    /// The process itself.
    pub child: Child,
    /// Its cap, or why it has none; `None` when it needs none.
    cap: Option<Result<Cap, String>>,
}

impl Process {
    /// Starts `command` under the cap of `service` (Docker caps its containers itself), with all that it prints appended to `log`. A machine that allows no
    /// cap still runs the lesson; whoever measures sees that there is none.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(
        scenario: &Scenario,
        service: &Service,
        command: Command,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let cap = service.cpu_cap.filter(|_| service.container.is_none());
        let cap = cap.map(|cap| Cap::prepare(scenario, &service.name, cap));
        let command = match &cap {
            Some(Ok(cap)) => cap.wrap(command),
            _ => command,
        };
        let child = process::spawn(command, log)?;
        let admit = |cap: Cap| cap.admit(&child).map(|()| cap);
        let cap = cap.map(|cap| cap.and_then(admit).map_err(|error| format!("{error:#}")));
        Ok(Self { child, cap })
    }

    /// Which process it is; `None` when it has ended.
    pub fn identity(&self) -> Option<Identity> {
        Identity::of(self.child.id())
    }

    /// Why it runs without the cap that it should have.
    pub fn uncapped(&self) -> Option<String> {
        self.cap.as_ref()?.as_ref().err().cloned()
    }
}
