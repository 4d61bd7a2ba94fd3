//! The part of a compose file that matters here: which images it builds, and which ports it publishes.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::files;

/// A compose file.
#[derive(Deserialize)]
pub struct Compose {
    pub services: BTreeMap<String, Service>,
}

/// A container.
#[derive(Deserialize)]
pub struct Service {
    #[serde(default)]
    ports: Vec<String>,
    pub build: Option<Build>,
}

/// How its image is built.
#[derive(Deserialize)]
pub struct Build {
    pub args: Image,
}

/// A program that `compose/images/service.Dockerfile` builds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub struct Image {
    /// Its crate.
    #[serde(alias = "PACKAGE")]
    pub package: String,
    /// The binary.
    #[serde(alias = "BIN")]
    pub bin: String,
}

impl Service {
    /// 3000 of `127.0.0.1:3000:80`.
    pub fn published(&self) -> Option<u16> {
        self.ports.first()?.rsplit(':').nth(1)?.parse().ok()
    }
}

impl Display for Image {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.package, self.bin)
    }
}

/// Reads a compose file.
///
/// # Errors
/// When it cannot be read or understood.
pub fn read(file: &str) -> anyhow::Result<Compose> {
    serde_saphyr::from_str(&files::read(file)?).with_context(|| format!("cannot understand {file}"))
}
