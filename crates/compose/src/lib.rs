//! Reads `compose/scenario-N.yml`, the only description of what runs.
//!
//! A strict subset of Compose: a key that is not listed here is an error that names file, line and key. An
//! engine that ignored it would run something else than what the file says.
//!
//! Source: the Compose Specification, <https://github.com/compose-spec/compose-spec>.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, bail, ensure};

pub mod service_spec;
pub mod docker_service;
mod depends_on;
mod service_keys;
mod short_and_long_forms;
mod top_level;
mod interpolation;
mod seed_size;
mod yaml;
pub mod stand_ins;
pub mod addresses;
mod nginx_addresses;
mod nginx_image;
pub mod write_nginx_conf;
pub mod nginx_problems;
pub mod prometheus;
pub mod images;
pub mod resolve;

use self::interpolation::fill_in;
pub use self::{seed_size::SeedSize, service_keys::Service};

/// The whole file.
#[derive(Debug)]
pub struct Compose {
    /// What runs, by name.
    pub services: BTreeMap<String, Service>,
    /// The numbers of rows that variables choose.
    pub seed_sizes: Vec<SeedSize>,
}

impl Compose {
    /// Reads the file at `path`, with variables filled in by `variable`, or else by the file `.env` beside it.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub fn read(path: &Path, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let dotenv = dotenv(&path.with_file_name(".env"))?;
        let variable = |name: &str| variable(name).or_else(|| dotenv.get(name).cloned());
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        Self::parse(&text, &file, variable).with_context(|| format!("{} cannot be used", path.display()))
    }

    /// Reads `text`, which errors call `file`; `variable` fills in variables.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub fn parse(text: &str, file: &str, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<Self> {
        let mut compose: Self = yaml::read(text, file)?;
        for (name, service) in &mut compose.services {
            for value in &service.command {
                compose.seed_sizes.extend(SeedSize::read(value, &variable)?);
            }
            for value in service.values() {
                *value = fill_in(value, &variable).with_context(|| format!("service {name}: `{value}`"))?;
            }
            for (name, value) in service.environment.iter_mut().filter(|(_, value)| value.is_none()) {
                *value = variable(name);
            }
        }
        for (name, service) in &compose.services {
            for dependency in service.depends_on.keys() {
                if !compose.services.contains_key(dependency) {
                    bail!("service {name} depends on {dependency}, which is not in the file");
                }
            }
        }
        compose.refuse_shared_ports(|name| {
            let starts =
                |line: &str| line.trim_start().strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
            let line = text.lines().position(starts).map_or(0, |index| index + 1);
            format!("{file}, line {line}: ")
        })?;
        Ok(compose)
    }

    /// Docker would refuse the second of two services that publish one port, and an engine that moved it would hide the slip.
    /// `place` tells where a service stands.
    fn refuse_shared_ports(&self, place: impl Fn(&str) -> String) -> anyhow::Result<()> {
        let mut owners = BTreeMap::new();
        for (name, service) in &self.services {
            // A port that cannot be understood is refused when the service gets its address.
            let Ok(Some((port, _))) = addresses::published(&service.ports) else { continue };
            if let Some(other) = owners.insert(port, name) {
                let place = place(name);
                bail!(
                    "{place}services {other} and {name} both publish port {port}; give one of them another port"
                );
            }
        }
        Ok(())
    }

    /// Takes in what `other` describes.
    ///
    /// # Errors
    /// When both have a service of the same name, or one that publishes the same port.
    pub fn join(&mut self, other: Self) -> anyhow::Result<()> {
        for (name, service) in other.services {
            ensure!(
                !self.services.contains_key(&name),
                "two files have a service {name}; rename one of them"
            );
            self.services.insert(name, service);
        }
        self.refuse_shared_ports(|_| String::new())
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
            let Some((name, _)) = next else {
                let names = self.services.keys().map(String::as_str);
                let left: Vec<_> = names.filter(|name| !order.contains(name)).collect();
                let left = left.join(", ");
                bail!("services {left} never start: each waits for another of them (`depends_on`)")
            };
            order.push(name);
        }
        Ok(order)
    }
}

/// The variables of a `.env`; none where there is no such file.
fn dotenv(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    match dotenvy::from_path_iter(path) {
        Ok(variables) => {
            variables.collect::<Result<_, _>>().with_context(|| format!("{} cannot be used", path.display()))
        }
        Err(error) if error.not_found() => Ok(BTreeMap::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

#[cfg(test)]
mod tests;
