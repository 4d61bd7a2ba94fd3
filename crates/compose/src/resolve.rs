//! From the compose file to the plan: where everything is, and what each image means here.

use std::{
    collections::BTreeMap,
    env, fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};

use crate::{
    Compose,
    addresses::Addresses,
    images, nginx_problems,
    service_spec::{Build, Engine, Kind, Nginx, Page, Program, Service},
    stand_ins::Files,
    write_nginx_conf,
};

/// Gives each service of `compose` a port and resolves its configuration. A service that runs already (in `running`)
/// keeps its port; `executable` says where the program of a service is; services and nginx listen on `listen`.
///
/// # Errors
/// Names the service and the value that cannot be used.
pub fn services(
    compose: &Compose,
    files: &Files,
    engine: Engine,
    executable: impl Fn(&str, &Build) -> anyhow::Result<PathBuf>,
    running: &[Service],
    listen: Ipv4Addr,
    allocate_port: impl Fn(u16, &[u16]) -> anyhow::Result<u16>,
) -> anyhow::Result<Vec<Service>> {
    let addresses = Addresses::assign(compose, running, listen, allocate_port)?;
    let mut services = Vec::new();
    for name in compose.start_order()? {
        let service = &compose.services[name];
        let resolve = || {
            anyhow::Ok(Service {
                name: name.to_owned(),
                port: addresses.port(name),
                cpu_cap: service.cpu_cap()?,
                restarts: running.iter().find(|old| old.name == name).map_or(0, |old| old.restarts),
                after: service.depends_on.keys().cloned().collect(),
                kind: match (&service.image, &service.build) {
                    (Some(image), None) => server(image, name, service, &addresses, files, engine)?,
                    (None, Some(build)) => {
                        let build = build.args.plan();
                        let executable = executable(name, &build)?;
                        let environment = environment(name, service, &addresses)?;
                        Kind::Program(Program { build, executable, environment })
                    }
                    _ => bail!("needs either `image` or `build`"),
                },
                container: None,
            })
        };
        services.push(resolve().with_context(|| format!("service {name}"))?);
    }
    images::refuse_redis_urls(&services)?;
    // Prometheus scrapes nothing in its first 5 s, so it starts first; the page comes last, when everything is ready.
    services.sort_by_key(|service| match service.kind {
        Kind::Prometheus(_) => 0,
        Kind::Page(_) => 2,
        _ => 1,
    });
    let names: Vec<_> = services.iter().map(|service| service.name.clone()).collect();
    if let Some((Service { kind: Kind::Page(_), after, .. }, others)) = services.split_last_mut() {
        *after = names[..others.len()].to_vec();
    }
    Ok(services)
}

/// What `image` is here.
fn server(
    image: &str,
    name: &str,
    service: &crate::Service,
    addresses: &Addresses,
    files: &Files,
    engine: Engine,
) -> anyhow::Result<Kind> {
    let mounts = mounts(&service.volumes, files)?;
    if image.starts_with("postgres:") {
        let environment = environment(name, service, addresses)?;
        return Ok(Kind::Postgres(images::postgres(service, &environment, &mounts)?));
    }
    if image.starts_with("redis:") {
        let environment = environment(name, service, addresses)?;
        return Ok(Kind::Redis(images::redis(service, &environment, &mounts)?));
    }
    if image.starts_with("prom/prometheus:") {
        let config = files.find(Path::new("dashboards/prometheus.yml"));
        let config =
            fs::read_to_string(&config).with_context(|| format!("cannot read {}", config.display()))?;
        return Ok(Kind::Prometheus(images::prometheus(service, &config)?));
    }
    if image.starts_with("grafana/grafana:") {
        let executable = env::current_exe().context("cannot find the lab's own program")?;
        return Ok(Kind::Page(Page { executable }));
    }
    ensure!(image.starts_with("nginx:"), "the lab does not know the image {image}");
    let source = images::nginx_config(&mounts)?;
    let text = fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let port = addresses.port(name).context("nginx needs a port, like \"127.0.0.1:8080:8080\"")?;
    let config = match engine {
        Engine::Native => write_nginx_conf::localize(&text, addresses, name, port),
        Engine::Compose => write_nginx_conf::in_a_container(&text, addresses),
    };
    let config = config.with_context(|| source.display().to_string())?;
    let config = nginx_problems::with_problems(&config)?;
    Ok(Kind::Nginx(Nginx { source, config }))
}

/// The environment of a service, with addresses of this machine.
fn environment(
    name: &str,
    service: &crate::Service,
    addresses: &Addresses,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut environment = BTreeMap::new();
    let given = service.environment.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    for (variable, value) in given {
        let value = addresses.name_ports(value).and_then(|value| addresses.rewrite(&value, name));
        let value = value.with_context(|| format!("environment: {variable}"))?;
        environment.insert(variable.clone(), value);
    }
    Ok(environment)
}

/// Files by their path in the container, of `["./path:path-inside:ro"]`. Paths count from the compose file's folder.
fn mounts(volumes: &[String], files: &Files) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut mounts = BTreeMap::new();
    // What has a name is a container's own folder, and a server has one here as well.
    for volume in volumes.iter().filter(|volume| volume.starts_with(['.', '/'])) {
        let (path, inside) = volume
            .strip_suffix(":ro")
            .and_then(|rest| rest.split_once(':'))
            .with_context(|| format!("volume \"{volume}\" must read ./path:path-inside:ro"))?;
        mounts.insert(inside.to_owned(), files.find(&Path::new("compose").join(path)));
    }
    Ok(mounts)
}
