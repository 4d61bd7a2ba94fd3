//! One service of a compose file.

use std::{collections::BTreeMap, str::FromStr, time::Duration};

use anyhow::{anyhow, bail, ensure};
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    depends_on::DependsOn,
    service_spec::{self, CpuCap},
    short_and_long_forms,
};

/// The period of Docker, where the file names none.
const CPU_PERIOD_US: u64 = 100_000;

/// More than Linux knows. `cpus: inf` would be a cap that the kernel does not take.
const MOST_CORES: u64 = 8_192;

/// One service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// An official image; natively the program of the same name.
    pub image: Option<String>,
    /// Ours, built from this checkout.
    pub build: Option<Build>,
    /// The command line, program first.
    #[serde(default, deserialize_with = "short_and_long_forms::words")]
    pub command: Vec<String>,
    /// Values in which `name:port` is rewritten to where that service listens; `None` until the shell's value is filled in.
    #[serde(default, deserialize_with = "short_and_long_forms::environment")]
    pub environment: BTreeMap<String, Option<String>>,
    /// `127.0.0.1:published:inside`; empty for a service without a port.
    #[serde(default, deserialize_with = "short_and_long_forms::ports")]
    pub ports: Vec<String>,
    /// `./path:path-inside:ro`, or `name:path-inside` for what a container keeps.
    #[serde(default)]
    pub volumes: Vec<String>,
    /// What must be ready before this starts.
    #[serde(default, deserialize_with = "short_and_long_forms::dependencies")]
    pub depends_on: BTreeMap<String, DependsOn>,
    /// Microseconds of CPU that it may use in each `cpu_period`.
    cpu_quota: Option<String>,
    /// In microseconds.
    cpu_period: Option<String>,
    /// The same in cores: `cpus: 0.2`.
    cpus: Option<String>,
    /// How Docker asks whether it is ready; the native engine has its own ways.
    #[serde(rename = "healthcheck")]
    _healthcheck: Option<Healthcheck>,
    /// What only Docker needs to know, for containers and for people who look at them.
    #[serde(rename = "container_name")]
    _container_name: Option<IgnoredAny>,
    #[serde(rename = "labels")]
    _labels: Option<IgnoredAny>,
    #[serde(rename = "expose")]
    _expose: Option<IgnoredAny>,
    /// What a container may do. Natively a server runs as its user and in its folder.
    #[serde(rename = "user")]
    _user: Option<IgnoredAny>,
    #[serde(rename = "read_only")]
    _read_only: Option<IgnoredAny>,
    #[serde(rename = "tmpfs")]
    _tmpfs: Option<IgnoredAny>,
    #[serde(rename = "cap_drop")]
    _cap_drop: Option<IgnoredAny>,
    #[serde(rename = "security_opt")]
    _security_opt: Option<IgnoredAny>,
    /// Natively the supervisor starts again what has crashed.
    #[serde(rename = "restart")]
    _restart: Option<IgnoredAny>,
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
    /// Cargo's, `release` or `dev`; nothing is `dev`.
    #[serde(default)]
    pub profile: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Healthcheck {
    #[serde(rename = "test")]
    _test: Option<IgnoredAny>,
    #[serde(rename = "disable")]
    _disable: Option<IgnoredAny>,
    #[serde(rename = "interval")]
    _interval: Option<IgnoredAny>,
    #[serde(rename = "timeout")]
    _timeout: Option<IgnoredAny>,
    #[serde(rename = "retries")]
    _retries: Option<IgnoredAny>,
    #[serde(rename = "start_period")]
    _start_period: Option<IgnoredAny>,
    #[serde(rename = "start_interval")]
    _start_interval: Option<IgnoredAny>,
}

impl BuildArgs {
    /// The same for cargo.
    pub fn plan(&self) -> service_spec::Build {
        let release = self.profile == "release";
        service_spec::Build { package: self.package.clone(), bin: self.bin.clone(), release }
    }
}

impl Service {
    /// How much CPU it may use; `None` without a cap.
    ///
    /// # Errors
    /// When the keys set it twice, or to zero.
    pub fn cpu_cap(&self) -> anyhow::Result<Option<CpuCap>> {
        let period = number("cpu_period", self.cpu_period.as_deref())?.unwrap_or(CPU_PERIOD_US);
        let quota = number::<u64>("cpu_quota", self.cpu_quota.as_deref())?;
        let cpus = number::<f64>("cpus", self.cpus.as_deref())?;
        let quota = match (quota, cpus) {
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
        ensure!(quota / period < MOST_CORES, "no machine has {} cores", quota / period);
        Ok(Some(CpuCap { quota: Duration::from_micros(quota), period: Duration::from_micros(period) }))
    }

    /// Everything in which variables are filled in; keys stay as they are.
    pub(super) fn values(&mut self) -> impl Iterator<Item = &mut String> {
        let build = self.build.iter_mut().map(|build| &mut build.args);
        let build = build.flat_map(|args| [&mut args.package, &mut args.bin, &mut args.profile]);
        let lists = [&mut self.command, &mut self.ports, &mut self.volumes];
        let cap = [&mut self.cpu_quota, &mut self.cpu_period, &mut self.cpus];
        self.image
            .iter_mut()
            .chain(build)
            .chain(lists.into_iter().flatten())
            .chain(cap.into_iter().flatten())
            .chain(self.environment.values_mut().flatten())
    }
}

fn number<T: FromStr>(key: &str, text: Option<&str>) -> anyhow::Result<Option<T>> {
    let number =
        |text: &str| text.parse().map_err(|_| anyhow!("{key}: `{text}` is no number that can stand here"));
    text.map(number).transpose()
}
