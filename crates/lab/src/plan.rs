//! What shall run natively: which program, on which loopback port, with which environment.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use crate::lesson::Variant;

/// What shall run. `lab up` writes it, the supervisor makes it so.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Desired {
    /// Counts the wishes, so that a state can say which one it answers.
    pub generation: u64,
    /// Which program.
    pub variant: Variant,
    /// Whether a saved source file leads to a new program.
    pub watch: bool,
    /// Each after those it depends on.
    pub services: Vec<Service>,
}

/// One process that shall run.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Service {
    /// As in the compose file.
    pub name: String,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    /// Where the compose file would have it.
    pub published: u16,
    /// What it is.
    pub kind: Kind,
}

/// What a service is.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// `image: postgres:…`
    Postgres(Postgres),
    /// `build: …`
    Program(Program),
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

/// A program of this checkout.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Program {
    /// The crate.
    pub package: String,
    /// Its binary.
    pub bin: String,
    /// Optimised, for figures that are published.
    pub release: bool,
    /// Where cargo put it; unknown before the build.
    pub executable: PathBuf,
    /// Its whole configuration.
    pub environment: BTreeMap<String, String>,
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
            Service { kind: Kind::Postgres(postgres), port, .. } => Ok((postgres, *port)),
            _ => bail!("`{name}` is no PostgreSQL"),
        }
    }
}

impl Service {
    /// The program, if it is one of ours.
    pub fn program(&self) -> Option<&Program> {
        match &self.kind {
            Kind::Program(program) => Some(program),
            Kind::Postgres(_) => None,
        }
    }
}
