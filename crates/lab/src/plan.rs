//! What shall run: which program, on which loopback port, with which environment.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::{docker::Container, engine::Engine, fingerprint::Fingerprints, lesson::Variant, nginx};

/// What shall run. `lab up` writes it, the supervisor makes it so.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Desired {
    /// Counts the wishes, so that a state can say which one it answers.
    pub generation: u64,
    /// Which program.
    pub variant: Variant,
    /// How it runs.
    pub engine: Engine,
    /// Whether a saved source file leads to a new program.
    pub watch: bool,
    /// Whether programs behind nginx are replaced one by one, each while the others serve.
    pub rolling: bool,
    /// What says so: the compose file and the configurations it mounts, as they were read.
    #[serde(default)]
    pub read_files: Fingerprints,
    /// Each after those it depends on.
    pub services: Vec<Service>,
}

/// One process that shall run.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Service {
    /// As in the compose file.
    pub name: String,
    /// Where it listens; `None` for what nobody asks anything.
    pub port: Option<Port>,
    /// How much CPU it may use; `None` for as much as there is.
    pub cpu_cap: Option<CpuCap>,
    /// Another number, another process: `lab restart` counts.
    pub restarts: u32,
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
    /// In its container, and so in what others say of it.
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

impl Desired {
    /// The service `name`.
    ///
    /// # Errors
    /// When the compose file has none of that name.
    pub fn service(&self, name: &str) -> anyhow::Result<&Service> {
        self.services
            .iter()
            .find(|service| service.name == name)
            .with_context(|| format!("the compose file has no service `{name}`"))
    }

    /// The PostgreSQL `name` and its port.
    ///
    /// # Errors
    /// When there is none, or it is something else.
    pub fn postgres(&self, name: &str) -> anyhow::Result<(&Postgres, u16)> {
        match self.service(name)? {
            Service { kind: Kind::Postgres(postgres), port: Some(port), .. } => Ok((postgres, port.native)),
            _ => bail!("`{name}` is no PostgreSQL"),
        }
    }

    /// The Prometheus that watches; `None` where nobody does.
    pub fn prometheus(&self) -> Option<&Service> {
        self.services.iter().find(|service| matches!(service.kind, Kind::Prometheus(_)))
    }

    /// The lab's page; `None` where there is none.
    pub fn page(&self) -> Option<&Service> {
        self.services.iter().find(|service| matches!(service.kind, Kind::Page(_)))
    }

    /// The programs that share the work when `asked` is asked: those that it passes requests on to, if it is an nginx,
    /// or it alone.
    pub fn servers(&self, asked: &Service) -> impl Iterator<Item = &Service> {
        let addresses = asked.nginx().map(|nginx| nginx::passes_on_to(&nginx.config));
        let addresses = addresses.unwrap_or_else(|| asked.upstream().into_iter().collect());
        let serves = move |service: &&Service| service.upstream().is_some_and(|it| addresses.contains(&it));
        self.services.iter().filter(|service| service.program().is_some()).filter(serves)
    }
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

    /// Whether it only looks on: without it everything else works.
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
