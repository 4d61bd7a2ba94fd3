//! Reads `compose/scenario-N.yml`, the only description of what runs.
//!
//! A strict subset of Compose: a key that is not listed here is an error that names file, line and key. An
//! engine that ignored it would run something else than what the file says.
//!
//! Source: the Compose Specification, <https://github.com/compose-spec/compose-spec>.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use anyhow::{Context, anyhow, bail, ensure};
use serde::Deserialize;

use crate::plan::{self, CpuCap};

/// The period of Docker, where the file names none.
const CPU_PERIOD_US: u64 = 100_000;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compose {
    /// The project's name; only `docker compose` uses it.
    #[serde(rename = "name")]
    _name: Option<String>,
    /// What runs, by name.
    pub services: BTreeMap<String, Service>,
}

/// One service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// An official image; natively the program of the same name.
    pub image: Option<String>,
    /// Ours, built from this checkout.
    pub build: Option<Build>,
    /// The command line, program first.
    #[serde(default)]
    pub command: Vec<String>,
    /// Values in which `name:port` is rewritten to where that service listens.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// `127.0.0.1:published:inside`; none for what nobody asks anything.
    #[serde(default)]
    pub ports: Vec<String>,
    /// `path:path-inside:ro`.
    #[serde(default)]
    pub volumes: Vec<String>,
    /// What must be ready before this starts.
    #[serde(default)]
    pub depends_on: BTreeMap<String, DependsOn>,
    /// Microseconds of CPU that it may use in each `cpu_period`.
    cpu_quota: Option<u64>,
    /// In microseconds.
    cpu_period: Option<u64>,
    /// The same in cores: `cpus: 0.2`.
    cpus: Option<f64>,
    /// How Docker asks whether it is ready; the native engine has its own ways.
    #[serde(rename = "healthcheck")]
    _healthcheck: Option<Healthcheck>,
}

/// How to build one of our services.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    #[serde(rename = "context")]
    _context: String,
    #[serde(rename = "dockerfile")]
    _dockerfile: Option<String>,
    /// Which package and program.
    pub args: BuildArgs,
}

/// The arguments that both cargo and our Dockerfile understand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "UPPERCASE")]
pub struct BuildArgs {
    /// The crate.
    pub package: String,
    /// Its binary.
    pub bin: String,
}

/// When a dependency counts as there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DependsOn {
    #[serde(rename = "condition")]
    _condition: Condition,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Condition {
    ServiceHealthy,
    ServiceStarted,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Healthcheck {
    #[serde(rename = "test")]
    _test: Vec<String>,
    #[serde(rename = "interval")]
    _interval: Option<String>,
    #[serde(rename = "retries")]
    _retries: Option<u32>,
}

impl BuildArgs {
    /// The same for cargo.
    pub fn plan(&self, release: bool) -> plan::Build {
        plan::Build { package: self.package.clone(), bin: self.bin.clone(), release }
    }
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

    /// What has to be built, each binary once.
    pub fn builds(&self, release: bool) -> Vec<plan::Build> {
        let builds = self.services.values().filter_map(|service| service.build.as_ref());
        let mut builds: Vec<_> = builds.map(|build| build.args.plan(release)).collect();
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

impl Service {
    /// How much CPU it may use; `None` for as much as there is.
    ///
    /// # Errors
    /// When the keys say it twice, or ask for nothing.
    pub fn cpu_cap(&self) -> anyhow::Result<Option<CpuCap>> {
        let period = self.cpu_period.unwrap_or(CPU_PERIOD_US);
        let quota = match (self.cpu_quota, self.cpus) {
            (None, None) => return Ok(None),
            (Some(quota), None) => quota,
            (None, Some(cpus)) => (cpus * period as f64).round() as u64,
            (Some(_), Some(_)) => bail!("`cpus` and `cpu_quota` say the same thing; keep one of them"),
        };
        // The kernel's limits.
        ensure!(
            (1_000..=1_000_000).contains(&period),
            "cpu_period must be from 1000 to 1000000 microseconds"
        );
        ensure!(quota >= 1_000, "the CPU of each period must be at least 1000 microseconds, and is {quota}");
        Ok(Some(CpuCap { quota: Duration::from_micros(quota), period: Duration::from_micros(period) }))
    }

    /// Everything in which variables are filled in; keys stay as they are.
    fn values(&mut self) -> impl Iterator<Item = &mut String> {
        let build = self.build.iter_mut().flat_map(|build| [&mut build.args.package, &mut build.args.bin]);
        let lists = [&mut self.command, &mut self.ports, &mut self.volumes];
        self.image
            .iter_mut()
            .chain(build)
            .chain(lists.into_iter().flatten())
            .chain(self.environment.values_mut())
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
