//! What runs, as the supervisor sees it. It writes the state after every change; everybody else only reads.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::{
    lesson::Variant,
    process::Identity,
    project::{self, Scenario},
};

/// The whole picture.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct State {
    /// The wish that was answered last, in full or as far as it could be.
    pub settled: u64,
    /// Why it could not be answered in full, where that is no service's own trouble.
    pub trouble: Option<String>,
    /// Which program.
    pub variant: Variant,
    /// Who writes this.
    pub supervisor: Identity,
    /// Rebuilding on save.
    pub build: Build,
    /// In the order in which they were started.
    pub services: Vec<ServiceState>,
}

/// One service.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ServiceState {
    /// As in the compose file.
    pub name: String,
    /// Whether it only looks on: without it everything else works.
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
    /// How a process of it ended by itself, the last time; `None` when none did.
    #[serde(default)]
    pub ended: Option<End>,
}

/// The end of a process that should have gone on.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct End {
    /// When, in seconds of Unix time.
    pub unix_s: u64,
    /// `it was killed (signal: 9 (SIGKILL))`
    pub how: String,
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

impl End {
    /// Just now.
    pub fn now(how: String) -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { unix_s: since_1970.as_secs(), how }
    }

    /// How long ago, in seconds.
    pub fn seconds_ago(&self) -> u64 {
        Self::now(String::new()).unix_s.saturating_sub(self.unix_s)
    }

    /// Whether whoever looks should still be told: longer than nobody looks, and about as long as the rates show it.
    pub fn is_recent(&self) -> bool {
        self.seconds_ago() < 10
    }

    /// What happened, in a word.
    pub fn word(&self) -> &'static str {
        if self.how.contains("signal") { "killed" } else { "crashed" }
    }
}

impl ServiceState {
    /// The reason for the phase, without what the program said.
    pub fn in_short(&self) -> &str {
        self.detail.lines().next().unwrap_or_default().trim_end_matches(". It said:")
    }
}

impl State {
    /// The service `name`.
    pub fn service(&self, name: &str) -> Option<&ServiceState> {
        self.services.iter().find(|service| service.name == name)
    }

    /// Those that are there for the lesson.
    pub fn needed(&self) -> impl Iterator<Item = &ServiceState> {
        self.services.iter().filter(|service| !service.looks_on)
    }

    /// What the supervisor of `scenario` wrote last; `None` when there is nothing, or nothing of this version. It may
    /// have ended since: [`Scenario::is_up`] tells.
    pub fn read(scenario: &Scenario) -> Option<Self> {
        project::read_json(&scenario.dir().join("state.json"))
    }

    /// Replaces what was written before.
    ///
    /// # Errors
    /// When the disk is full, for example.
    pub fn write(&self, scenario: &Scenario) -> anyhow::Result<()> {
        project::write_json(&scenario.dir().join("state.json"), self)
    }
}
