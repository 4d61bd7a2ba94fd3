//! What runs. The supervisor writes it after every change; all others only read.

use std::{
    fs,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

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
    /// The reason for the phase, or what it does just now.
    pub detail: String,
    /// Where it listens on 127.0.0.1; `None` for what nobody asks anything.
    pub port: Option<u16>,
    /// Why it runs without the CPU cap that it should have; `None` when it has what it should have.
    pub uncapped: Option<String>,
    /// Its process.
    pub process: Option<Identity>,
    /// How its process ended unexpectedly, the last time; `None` when none did.
    #[serde(default)]
    pub ended: Option<Ended>,
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
    /// Ended by itself, and is started again soon.
    Crashed,
    /// Given up, until it is changed or asked for again.
    Failed,
}

/// The program against its source.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum Build {
    /// What runs is what was saved.
    Current,
    /// A change is being compiled.
    Running,
    /// The last change does not compile; the program before it runs on.
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
    /// The reason for the phase, without what the program said.
    pub fn in_short(&self) -> &str {
        self.detail.lines().next().unwrap_or_default().trim_end_matches(". It said:")
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

    /// What the supervisor of `scenario` wrote last; `None` when there is nothing, or another version of the lab wrote it.
    /// The supervisor may have ended since: [`Scenario::is_up`] tells.
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
}

/// The supervisor of `scenario`, of this version of the lab or of another; `None` when none has written yet who it is.
pub fn supervisor(scenario: &Scenario) -> Option<Identity> {
    /// What all versions have in common.
    #[derive(Deserialize)]
    struct AnyStatus {
        supervisor: Identity,
    }
    // Before version 2 the file was `state.json`.
    let paths = [path(scenario), scenario.dir().join("state.json")];
    let found =
        paths.iter().filter_map(|path| serde_json::from_slice::<AnyStatus>(&fs::read(path).ok()?).ok());
    found.map(|status| status.supervisor).find(Identity::is_alive)
}

fn path(scenario: &Scenario) -> PathBuf {
    scenario.dir().join("status.json")
}
