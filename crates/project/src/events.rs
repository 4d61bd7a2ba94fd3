//! What happened to the services: when each was started, and when one ended that should not have.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use process::Identity;
use serde::{Deserialize, Serialize};

use crate::{
    Scenario,
    status::{Ended, Phase, ServiceStatus},
    store,
};

/// Beside the status.
const FILE: &str = "events.json";

/// More than fit into an hour of any chart.
const KEPT: usize = 50;

/// The last of them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Events {
    /// The oldest first.
    pub list: Vec<Event>,
    /// Per service, its process and its last unexpected end, as far as they are in the list.
    #[serde(skip)]
    known: BTreeMap<String, (Option<Identity>, Option<Ended>)>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Event {
    /// When, in seconds of Unix time.
    pub unix_s: u64,
    /// `app1 was started`, `app1 was killed`.
    pub what: String,
}

impl Events {
    /// Those of `scenario`; none when the file is missing.
    pub fn read(scenario: &Scenario) -> Self {
        store::read_json(&scenario.dir().join(FILE)).unwrap_or_default()
    }

    /// Replaces what was written before.
    ///
    /// # Errors
    /// When the disk is full, for example.
    pub fn write(&self, scenario: &Scenario) -> anyhow::Result<()> {
        store::write_json(&scenario.dir().join(FILE), self)
    }

    /// Notes what is new in `services`; whether anything is.
    pub fn note(&mut self, services: &[ServiceStatus]) -> bool {
        let before = self.list.len();
        for service in services.iter().filter(|service| !service.looks_on) {
            let ServiceStatus { name, phase, process, ended, .. } = service;
            let (known_process, known_end) = self.known.entry(name.clone()).or_default();
            if let Some(end) = ended.filter(|end| Some(*end) != *known_end) {
                *known_end = Some(end);
                let verb = if end.word() == "killed" { "was killed" } else { end.word() };
                self.list.push(Event { unix_s: end.unix_s, what: format!("{name} {verb}") });
            }
            if *phase == Phase::Ready && process.is_some() && *process != *known_process {
                known_process.clone_from(process);
                let unix_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
                self.list.push(Event { unix_s, what: format!("{name} was started") });
            }
        }
        let is_new = self.list.len() > before;
        self.list.drain(..self.list.len().saturating_sub(KEPT));
        is_new
    }
}

#[cfg(test)]
mod tests {
    use process::child::Exit;

    use super::*;

    #[test]
    fn each_start_and_each_unexpected_end_is_noted_once() {
        let mut app = ServiceStatus {
            name: "app".to_owned(),
            looks_on: false,
            phase: Phase::Ready,
            detail: String::new(),
            port: None,
            uncapped: None,
            process: Identity::of(std::process::id()),
            ready_after_ms: None,
            ended: None,
        };
        let mut events = Events::default();
        events.note(std::slice::from_ref(&app));
        events.note(std::slice::from_ref(&app));
        (app.phase, app.process, app.ended) =
            (Phase::Crashed, None, Some(Ended::now(Exit::Killed { signal: 9 })));
        events.note(std::slice::from_ref(&app));
        (app.phase, app.process) = (Phase::Ready, Identity::of(1));
        events.note(&[app]);
        let what: Vec<_> = events.list.iter().map(|event| &*event.what).collect();
        assert_eq!(what, ["app was started", "app was killed", "app was started"]);
    }
}
