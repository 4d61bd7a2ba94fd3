//! Reads `compose/scenario-N.yml`, the only description of what runs.
//!
//! A strict subset of Compose: a key that is not listed here is an error that names file, line and key. An
//! engine that ignored it would run something else than what the file says.
//!
//! Source: the Compose Specification, <https://github.com/compose-spec/compose-spec>.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, anyhow, bail, ensure};
use serde::{Deserialize, de::IgnoredAny};

pub mod service_spec;
pub mod docker_service;
mod service_keys;
pub mod stand_ins;
pub mod addresses;
pub mod write_nginx_conf;
pub mod prometheus;
pub mod images;
pub mod resolve;

pub use self::service_keys::Service;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compose {
    /// The project's name; only `docker compose` uses it.
    #[serde(rename = "name")]
    _name: Option<String>,
    /// Keys that services have in common, under an anchor.
    #[serde(rename = "x-locked")]
    _locked: Option<IgnoredAny>,
    /// Docker's; natively each server has a folder of its own.
    #[serde(rename = "volumes")]
    _volumes: Option<IgnoredAny>,
    /// What runs, by name.
    pub services: BTreeMap<String, Service>,
}

impl Compose {
    /// Reads the file at `path`, with `${NAME}` and `${NAME:-default}` filled in by `variable`.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub fn read(path: &Path, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, variable).with_context(|| format!("{} cannot be used", path.display()))
    }

    fn parse(text: &str, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let mut compose: Self = serde_saphyr::from_str(text).map_err(|error| anyhow!("{error}"))?;
        for (name, service) in &mut compose.services {
            for value in service.values() {
                *value = fill_in(value, &variable).with_context(|| format!("service {name}: `{value}`"))?;
            }
        }
        for (name, service) in &compose.services {
            for dependency in service.depends_on.keys() {
                if !compose.services.contains_key(dependency) {
                    bail!("service {name} depends on {dependency}, which is not in the file");
                }
            }
        }
        Ok(compose)
    }

    /// Takes in what `other` describes.
    ///
    /// # Errors
    /// When both have a service of the same name.
    pub fn join(&mut self, other: Self) -> anyhow::Result<()> {
        for (name, service) in other.services {
            ensure!(
                !self.services.contains_key(&name),
                "two files have a service {name}; rename one of them"
            );
            self.services.insert(name, service);
        }
        Ok(())
    }

    /// What has to be built, each binary once.
    pub fn builds(&self) -> Vec<service_spec::Build> {
        let builds = self.services.values().filter_map(|service| service.build.as_ref());
        let mut builds: Vec<_> = builds.map(|build| build.args.plan()).collect();
        builds.sort_by(|a, b| a.bin.cmp(&b.bin));
        builds.dedup();
        builds
    }

    /// The names of the services, each after those it depends on.
    ///
    /// # Errors
    /// When services depend on each other in a circle.
    pub fn start_order(&self) -> anyhow::Result<Vec<&str>> {
        let mut order: Vec<&str> = Vec::new();
        while order.len() < self.services.len() {
            let next = self.services.iter().find(|(name, service)| {
                !order.contains(&name.as_str())
                    && service.depends_on.keys().all(|dependency| order.contains(&dependency.as_str()))
            });
            let (name, _) = next.context("the services depend on each other in a circle")?;
            order.push(name);
        }
        Ok(order)
    }
}

/// Replaces `${NAME}` and `${NAME:-default}`; `$$` is a dollar sign.
fn fill_in(value: &str, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<String> {
    let filled_in = shellexpand::env_with_context(value, |name| match variable(name) {
        Some(value) => Ok(Some(value)),
        // With a default after `:-` the reader never asks for an error.
        None => Err("it is not set, and `${NAME:-default}` gives it no default"),
    });
    filled_in.map(Into::into).map_err(|error| anyhow!("variable {}: {}", error.var_name, error.cause))
}

#[cfg(test)]
mod tests;
