//! What shall run: which program, on which loopback port, with which environment.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::docker_service::Container;

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

/// One process that shall run.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Service {
    /// As in the compose file.
    pub name: String,
    /// Where it listens; `None` for a service without a port.
    pub port: Option<Port>,
    /// How much CPU it may use; `None` without a cap.
    pub cpu_cap: Option<CpuCap>,
    /// Another number, another process: `lab restart` counts.
    pub restarts: u32,
    /// The services that it waits for when all are started.
    #[serde(default)]
    pub after: Vec<String>,
    /// What it is.
    pub kind: Kind,
    /// What it runs in; `None` for a process of this machine.
    pub container: Option<Container>,
}

/// Where a service listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Port {
    /// On 127.0.0.1, here.
    pub native: u16,
    /// On 127.0.0.1, as the compose file would have it.
    pub published: u16,
    /// The port in its container, which other services name.
    pub inside: u16,
}

/// So much CPU time in each period, on all cores together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct CpuCap {
    /// Of CPU.
    pub quota: Duration,
    /// Of the clock on the wall.
    pub period: Duration,
}

/// What a service is.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// `image: postgres:…`
    Postgres(Postgres),
    /// `image: redis:…`
    Redis(Redis),
    /// `image: nginx:…`
    Nginx(Nginx),
    /// `build: …`
    Program(Program),
    /// `image: prom/prometheus:…`
    Prometheus(Prometheus),
    /// `image: grafana/grafana:…`, in whose place the lab has a page of its own.
    Page(Page),
}

/// A PostgreSQL with one database.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Postgres {
    /// `name=value`, as after `-c`.
    pub settings: Vec<String>,
    /// Owner of the database, no superuser.
    pub user: String,
    /// Its password.
    pub password: String,
    /// The database.
    pub database: String,
    /// SQL that fills it, in order.
    pub scripts: Vec<PathBuf>,
    /// Names what the scripts and the `seed.…` settings make: other content, another template.
    pub template: String,
}

/// A Redis.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Redis {
    /// What follows the program's name.
    pub arguments: Vec<String>,
    /// What clients must send first: letters and digits.
    pub password: String,
}

/// An nginx in front of others.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Nginx {
    /// What the learner wrote.
    pub source: PathBuf,
    /// Its text, with the addresses of this machine.
    pub config: String,
}

/// A program of this checkout.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Program {
    /// How it is built.
    pub build: Build,
    /// Where cargo put it; in a container, what changes when its image does.
    pub executable: PathBuf,
    /// Its whole configuration.
    pub environment: BTreeMap<String, String>,
}

/// A Prometheus that watches this scenario.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Prometheus {
    /// Its options, but for those that say where it listens and keeps its files.
    pub arguments: Vec<String>,
    /// What it reads, and how often.
    pub config: String,
}

/// The lab's own page.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Page {
    /// The lab.
    pub executable: PathBuf,
}

/// A binary of one of our crates.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Build {
    /// The crate.
    pub package: String,
    /// Its binary.
    pub bin: String,
    /// Optimised, for figures that are published.
    pub release: bool,
}

impl Service {
    /// The program, if it is one of ours.
    pub fn program(&self) -> Option<&Program> {
        match &self.kind {
            Kind::Program(program) => Some(program),
            _ => None,
        }
    }

    /// What is built here and run, if it is that.
    pub fn executable(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Program(Program { executable, .. }) | Kind::Page(Page { executable }) => Some(executable),
            _ => None,
        }
    }

    /// Whether it only monitors: without it everything else works.
    pub fn looks_on(&self) -> bool {
        matches!(self.kind, Kind::Prometheus(_) | Kind::Page(_))
    }

    /// The nginx, if it is one.
    pub fn nginx(&self) -> Option<&Nginx> {
        match &self.kind {
            Kind::Nginx(nginx) => Some(nginx),
            _ => None,
        }
    }
}

impl CpuCap {
    /// How many cores it comes to.
    pub fn cores(self) -> f64 {
        self.quota.as_secs_f64() / self.period.as_secs_f64()
    }
}

impl Display for CpuCap {
    /// `0.2 cores`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} cores", (self.cores() * 1_000.0).round() / 1_000.0)
    }
}

impl Service {
    /// What nginx calls it: in a container by its name, here by its address.
    pub fn upstream(&self) -> Option<String> {
        let port = self.port?;
        Some(match self.container {
            Some(_) => format!("{}:{}", self.name, port.inside),
            None => format!("127.0.0.1:{}", port.native),
        })
    }
}

impl Engine {
    /// As `--engine` and `LAB_ENGINE` name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Compose => "compose",
        }
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
