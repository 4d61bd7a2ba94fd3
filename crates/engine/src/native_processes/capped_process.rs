//! A process of ours and the cap on its CPU.

use std::{
    path::Path,
    process::{Child, Command},
};

use compose::service_spec::Service;
use process::{Identity, cgroup::Cap, child};
use project::{Scenario, names};

/// What the names of this scenario's cgroups start with, on a machine that other checkouts share.
pub fn cgroup_prefix(scenario: &Scenario) -> String {
    format!("system-design-lab-{}-", names::machine_wide(scenario))
}

/// A process that was started.
pub struct Process {
    /// The process itself.
    pub child: Child,
    /// Its cap, or why it runs without one; `None` if its spec has no cap.
    cap: Option<Result<Cap, String>>,
}

impl Process {
    /// Starts `command` under the cap of `service` (Docker caps its containers itself) and appends its output to `log`. A
    /// machine that allows no cap still runs the lesson; the status says that there is none.
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
        let cap =
            cap.map(|cap| Cap::prepare(&(cgroup_prefix(scenario) + &service.name), cap.quota, cap.period));
        let command = match &cap {
            Some(Ok(cap)) => cap.wrap(command),
            _ => command,
        };
        let child = child::spawn(command, log)?;
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
