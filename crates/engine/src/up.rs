//! Starts a scenario, or brings what runs in line with its files: reads the compose file, builds, writes the spec for the
//! supervisor, and waits until everything answers.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

use anyhow::Context;
use compose::{
    Compose, resolve,
    service_spec::{Build, Engine, Kind, Port, Service},
    stand_ins::Files,
};
use lesson::{Lesson, Variant};
use process::{Identity, ports};
use project::{
    Scenario, container, fingerprint,
    prometheus_user::PASSWORD,
    spec_file::{self, Spec},
    status::Status,
};

use crate::{
    cargo, choose, docker, down,
    native_processes::nginx::check,
    needs,
    wait_ready::{Life, start_and_wait},
};

/// What to start, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The learner's program, the reference solution, or another variant of the lesson.
    pub variant: Variant,
    /// `None` for the engine that [`choose`](crate::choose::choose) picks.
    pub engine: Option<Engine>,
    /// Whether a saved source file is left alone.
    pub no_watch: bool,
    /// Whether neither the page nor Prometheus is started.
    pub no_dashboard: bool,
    /// Whether programs are built with optimisations.
    pub release: bool,
    /// Files to read in place of others, both from the checkout's top: `smoke` goes through a lesson's stages this way.
    pub stand_ins: BTreeMap<PathBuf, PathBuf>,
}

/// Starts `scenario`, or brings what runs in line with its files, and returns when every service answers.
///
/// # Errors
/// When a file cannot be used, the program does not compile or a service does not start. The old services keep running.
pub async fn up(scenario: &Scenario, options: &Options, life: Life) -> anyhow::Result<Spec> {
    let lesson = scenario.lesson()?;
    scenario.prepare()?;
    scenario.starter()?.keep()?;
    let _change = scenario.begin_change()?;
    if before_this_version(scenario)? {
        eprintln!("scenario {} was started by another version of the lab; restarting it", scenario.number);
        down::stop(scenario).await?;
    }
    let spec = read(scenario, &lesson, options, Spec::read(scenario))?;
    spec.write(scenario)?;
    scenario.make_current()?;
    start_and_wait(scenario, spec.generation, life).await?;
    Ok(spec)
}

/// What the compose file asks for, on ports of this machine, with programs that are built.
fn read(
    scenario: &Scenario,
    lesson: &Lesson,
    options: &Options,
    before: Option<Spec>,
) -> anyhow::Result<Spec> {
    let mut stand_ins = lesson.stand_ins(&options.variant);
    stand_ins.extend(options.stand_ins.clone());
    let files = Files { root: &scenario.root, stand_ins };
    let profile = if options.release { "release" } else { "dev" };
    let mut variables = BTreeMap::from([
        ("DB_PASSWORD", scenario.password("db")?),
        ("SUPERUSER_PASSWORD", scenario.password("superuser")?),
        ("REDIS_PASSWORD", scenario.password("redis")?),
        ("PROFILE", profile.to_owned()),
    ]);
    // Also where it is empty: a VARIANT of the learner's shell would run another program.
    variables.insert("VARIANT", options.variant.suffix().unwrap_or_default());
    let compose_file = files.find(&scenario.compose_file());
    // The page and the supervisor read it at the same moment, so it must be there.
    scenario.password(PASSWORD)?;
    let variable = |name: &str| variables.get(name).cloned().or_else(|| env::var(name).ok());
    let mut compose = Compose::read(&compose_file, variable)?;
    compose.seed_sizes.iter().for_each(|size| eprintln!("{size}"));
    let dashboards = files.find(Path::new("compose/dashboards.yml"));
    let dashboards = (!options.no_dashboard && dashboards.exists()).then_some(dashboards);
    if let Some(dashboards) = &dashboards {
        compose.join(Compose::read(dashboards, variable)?)?;
    }
    let generation = before.as_ref().map_or(1, |before| before.generation + 1);
    let is_up = before.as_ref().filter(|_| scenario.is_up().is_ok_and(|up| up));
    let engine = choose::choose(options.engine, is_up.map(|before| before.engine))?;
    let running = before.map(|before| still_running(scenario, before)).transpose()?.unwrap_or_default();
    let listen = container::listen()?;
    let services = match engine {
        Engine::Native => {
            let built = cargo::build(&scenario.root, &compose.builds())?;
            cargo::keep_warnings(scenario, &built)?;
            let executable = |_: &str, build: &Build| {
                let found = built.executables.get(&build.bin).cloned();
                found.with_context(|| format!("cargo built no program `{}`", build.bin))
            };
            // Ports last: a build takes minutes, and meanwhile another program may take one.
            let mut services =
                resolve::services(&compose, &files, engine, executable, &running, listen, ports::allocate)?;
            install_what_is_missing(scenario, &mut services)?;
            services
        }
        Engine::Compose => {
            // The compiler runs in an image, where the lab cannot read what it warns of.
            cargo::keep_warnings(scenario, &cargo::Built::default())?;
            let image = |name: &str, _: &Build| Ok(docker::noted_image(scenario, name));
            let mut services =
                resolve::services(&compose, &files, engine, image, &running, listen, ports::allocate)?;
            let sources: Vec<_> = [&compose_file].into_iter().chain(&dashboards).cloned().collect();
            docker::adopt(&docker::find(scenario)?, scenario, &sources, &variables, &mut services)?;
            services
        }
    };
    announce_moved_ports(&services, &running);
    let configs = services.iter().filter_map(|service| Some(service.nginx()?.source.clone()));
    let read_files = fingerprint::of(configs.chain([compose_file]))?;
    let (variant, watch) = (options.variant.clone(), !options.no_watch);
    Ok(Spec {
        version: spec_file::VERSION,
        generation,
        variant,
        engine,
        watch,
        rolling: false,
        read_files,
        services,
    })
}

/// Installs missing servers; also lets nginx check its configuration.
fn install_what_is_missing(scenario: &Scenario, services: &mut Vec<Service>) -> anyhow::Result<()> {
    for service in &*services {
        match &service.kind {
            Kind::Postgres(_) => drop(needs::postgres()?),
            Kind::Redis(_) => drop(needs::REDIS.require()?),
            Kind::Nginx(nginx) => {
                needs::NGINX.require()?;
                check(scenario, &service.name, nginx)?;
            }
            Kind::Program(_) | Kind::Prometheus(_) | Kind::Page(_) => {}
        }
    }
    let watches = services.iter().any(|service| matches!(service.kind, Kind::Prometheus(_)));
    if let Some(Err(error)) = watches.then(|| needs::PROMETHEUS.require()) {
        eprintln!("monitoring is off, everything else works: {error:#}");
        services.retain(|service| !matches!(service.kind, Kind::Prometheus(_)));
    }
    Ok(())
}

/// Services that keep their ports: those whose process is there.
fn still_running(scenario: &Scenario, before: Spec) -> anyhow::Result<Vec<Service>> {
    let status = if scenario.is_up()? { Status::read(scenario) } else { None };
    let is_alive = |service: &Service| {
        let process = status.as_ref().and_then(|status| status.service(&service.name)?.process.as_ref());
        process.is_some_and(Identity::is_alive)
    };
    Ok(before.services.into_iter().filter(is_alive).collect())
}

fn announce_moved_ports(services: &[Service], running: &[Service]) {
    for Service { name, port, .. } in services {
        let Some(Port { native, published, .. }) = *port else { continue };
        let is_new = !running.iter().any(|old| old.name == *name && old.port == *port);
        if native != published && is_new {
            eprintln!(
                "port {published} is taken by {}; {name} is on {native} instead",
                ports::holder(published)
            );
            if container::publishes(published) && !container::publishes(native) {
                eprintln!(
                    "your browser cannot reach port {native}; stop the other scenario first: make down"
                );
            }
        }
    }
}

/// Whether a supervisor of another version of the lab runs `scenario`.
fn before_this_version(scenario: &Scenario) -> anyhow::Result<bool> {
    let is_up = scenario.is_up()?;
    let is_known = Status::read(scenario).is_some() && Spec::read(scenario).is_some();
    Ok(is_up && !is_known && project::status::supervisor(scenario).is_some())
}
