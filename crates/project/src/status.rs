//! The status: what runs. The supervisor writes it after every change; all others only read it.

use std::{
    fs,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::ensure;
use lesson::Variant;
use process::{Identity, child::Exit};
use serde::{Deserialize, Serialize};

use crate::{Scenario, store};

/// Of the file. Another one is written by another version of the lab.
const VERSION: u32 = 2;

/// What runs of a scenario.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Status {
    /// Of the file; [`Status::read`] accepts no other than this lab writes.
    version: u32,
    /// The generation of the spec that was reconciled last, in full or as far as possible.
    pub settled: u64,
    /// Why it could not be reconciled in full, where no single service is the cause.
    pub trouble: Option<String>,
    /// Which program.
    pub variant: Variant,
    /// Who writes this.
    pub supervisor: Identity,
    /// Rebuilding on save.
    pub build: Build,
    /// In the order in which they were started.
    pub services: Vec<ServiceStatus>,
}

/// One service.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ServiceStatus {
    /// As in the compose file.
    pub name: String,
    /// Whether it only monitors: without it everything else works.
    #[serde(default)]
    pub looks_on: bool,
    /// How far it is.
    pub phase: Phase,
    /// The reason for the phase, or the current step.
    pub detail: String,
    /// The port on 127.0.0.1 where it listens; `None` for a service without a port.
    pub port: Option<u16>,
    /// Why it runs without the CPU cap in its spec; `None` when it has that cap or needs none.
    pub uncapped: Option<String>,
    /// Its process.
    pub process: Option<Identity>,
    /// How its process ended unexpectedly, the last time; `None` when none did.
    #[serde(default)]
    pub ended: Option<Ended>,
    /// How long its last start took, in milliseconds; `None` until it is ready.
    #[serde(default)]
    pub ready_after_ms: Option<u64>,
}

/// The unexpected end of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Ended {
    /// When, in seconds of Unix time.
    pub unix_s: u64,
    /// How.
    pub exit: Exit,
}

/// How far a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// On its way.
    Starting,
    /// Answers.
    Ready,
    /// Has crashed, and is restarted soon.
    Crashed,
    /// Crashed repeatedly; not restarted until it changes or `lab up` runs.
    Failed,
}

/// The program against its source.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Build {
    /// The running program is built from the saved source.
    Current,
    /// A change is being compiled.
    Running,
    /// The last change does not compile; the previous program keeps running.
    Failed {
        /// The compiler's words.
        message: String,
    },
}

impl Ended {
    /// Just now.
    pub fn now(exit: Exit) -> Self {
        Self { unix_s: now_s(), exit }
    }

    /// How long ago, in seconds.
    pub fn seconds_ago(&self) -> u64 {
        now_s().saturating_sub(self.unix_s)
    }

    /// Whether it is still worth showing: about as long as the rates on the page show it.
    pub fn is_recent(&self) -> bool {
        self.seconds_ago() < 10
    }

    /// What happened, in a word.
    pub fn word(&self) -> &'static str {
        match self.exit {
            Exit::Killed { .. } => "killed",
            Exit::Exited { .. } => "crashed",
        }
    }
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

impl ServiceStatus {
    /// The reason for the phase, without the program's output.
    pub fn in_short(&self) -> &str {
        self.detail.lines().next().unwrap_or_default().trim_end_matches(". Its last lines:")
    }
}

impl Status {
    /// Nothing runs yet; `supervisor` writes this.
    pub fn new(supervisor: Identity, variant: Variant) -> Self {
        Self {
            version: VERSION,
            settled: 0,
            trouble: None,
            variant,
            supervisor,
            build: Build::Current,
            services: Vec::new(),
        }
    }

    /// The service `name`.
    pub fn service(&self, name: &str) -> Option<&ServiceStatus> {
        self.services.iter().find(|service| service.name == name)
    }

    /// Those that the lesson needs.
    pub fn needed(&self) -> impl Iterator<Item = &ServiceStatus> {
        self.services.iter().filter(|service| !service.looks_on)
    }

    /// The last status of `scenario`; `None` if missing, or if another version of the lab wrote it.
    /// The supervisor may have ended since: see [`Scenario::is_up`].
    pub fn read(scenario: &Scenario) -> Option<Self> {
        store::read_json(&path(scenario)).filter(|status: &Self| status.version == VERSION)
    }

    /// Replaces what was written before.
    ///
    /// # Errors
    /// When the disk is full, for example.
    pub fn write(&self, scenario: &Scenario) -> anyhow::Result<()> {
        store::write_json(&path(scenario), self)
    }

    /// Checks that its supervisor reacts.
    ///
    /// # Errors
    /// When a signal has stopped that process; says how to continue it.
    pub fn expect_supervisor(&self) -> anyhow::Result<()> {
        let pid = self.supervisor.pid;
        ensure!(
            !self.supervisor.is_stopped(),
            "a signal has stopped the lab's supervisor (process {pid}), so nothing here reacts. \
            Continue it with: kill -CONT {pid}"
        );
        Ok(())
    }
}

/// The supervisor of `scenario`, of this version of the lab or of another; `None` before it has written its process id.
pub fn supervisor(scenario: &Scenario) -> Option<Identity> {
    /// What all versions have in common.
    #[derive(Deserialize)]
    struct AnyStatus {
        supervisor: Identity,
    }
    // Before version 2 the file was `state.json`.
    let paths = [path(scenario), scenario.dir().join("state.json")];
    let texts = paths.iter().filter_map(|path| fs::read(path).ok());
    let read: Vec<_> = texts.map(|text| serde_json::from_slice::<AnyStatus>(&text)).collect();
    if read.iter().any(Result::is_err) {
        // A file that was damaged names no process, and the supervisor writes it only when something changes.
        return scenario.lock_holder_process();
    }
    read.into_iter().flatten().map(|status| status.supervisor).find(Identity::is_alive)
}

fn path(scenario: &Scenario) -> PathBuf {
    scenario.dir().join("status.json")
}
