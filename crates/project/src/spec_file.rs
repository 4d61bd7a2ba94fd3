//! What shall run. `lab up` writes it, the supervisor makes it so.

use std::path::PathBuf;

use anyhow::{Context, bail};
use compose::{
    service_spec::{Engine, Kind, Postgres, Redis, Service},
    write_nginx_conf,
};
use lesson::{Load, Variant};
use serde::{Deserialize, Serialize};

use crate::{Scenario, fingerprint::Fingerprints, store};

/// Of the file. Another one is written by another version of the lab.
pub const VERSION: u32 = 3;

/// What shall run. `lab up` writes it, the supervisor makes it so.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Spec {
    /// Of the file; [`Spec::read`] accepts no other than this lab writes.
    pub version: u32,
    /// Number of this spec; the status names the one that it has reconciled.
    pub generation: u64,
    /// Which program.
    pub variant: Variant,
    /// How it runs.
    pub engine: Engine,
    /// Whether a saved source file leads to a new program.
    pub watch: bool,
    /// Whether programs behind nginx are replaced one by one, each while the others serve.
    pub rolling: bool,
    /// Its sources: the compose file and the configurations it mounts, as they were read.
    #[serde(default)]
    pub read_files: Fingerprints,
    /// Each after those it depends on.
    pub services: Vec<Service>,
}

impl Spec {
    /// The last spec of `scenario`; `None` if missing, or if another version of the lab wrote it.
    pub fn read(scenario: &Scenario) -> Option<Self> {
        store::read_json(&path(scenario)).filter(|spec: &Self| spec.version == VERSION)
    }

    /// Replaces what was written before.
    ///
    /// # Errors
    /// When the disk is full, for example.
    pub fn write(&self, scenario: &Scenario) -> anyhow::Result<()> {
        store::write_json(&path(scenario), self)
    }

    /// What a load test loads: the load balancer, once the compose file has one, else the lesson's service.
    ///
    /// # Errors
    /// When the lesson names a service that there is not.
    pub fn target(&self, load: &Load) -> anyhow::Result<&Service> {
        let through = load.through.as_ref().and_then(|name| self.service(name).ok());
        through.map_or_else(|| self.service(&load.service), Ok)
    }

    /// The service `name`.
    ///
    /// # Errors
    /// When the compose file has no service of that name.
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

    /// The first service that runs Redis, with its settings and its port; `None` if the scenario has no Redis.
    pub fn redis(&self) -> Option<(&Service, &Redis, u16)> {
        self.services.iter().find_map(|service| match service {
            Service { kind: Kind::Redis(redis), port: Some(port), .. } => Some((service, redis, port.native)),
            _ => None,
        })
    }

    /// The Prometheus that monitors the scenario; `None` without monitoring.
    pub fn prometheus(&self) -> Option<&Service> {
        self.services.iter().find(|service| matches!(service.kind, Kind::Prometheus(_)))
    }

    /// The lab's page; `None` where there is none.
    pub fn page(&self) -> Option<&Service> {
        self.services.iter().find(|service| matches!(service.kind, Kind::Page(_)))
    }

    /// The programs that share the requests to `entry`: those that it passes requests on to, if it is an nginx,
    /// or it alone.
    pub fn servers(&self, entry: &Service) -> impl Iterator<Item = &Service> {
        let addresses = entry.nginx().map(|nginx| write_nginx_conf::passes_on_to(&nginx.config));
        let addresses = addresses.unwrap_or_else(|| entry.upstream().into_iter().collect());
        let serves = move |service: &&Service| service.upstream().is_some_and(|it| addresses.contains(&it));
        self.services.iter().filter(|service| service.program().is_some()).filter(serves)
    }
}

fn path(scenario: &Scenario) -> PathBuf {
    scenario.dir().join("spec.json")
}
