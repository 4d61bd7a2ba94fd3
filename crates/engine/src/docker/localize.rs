//! What the lab changes in a compose file that Docker has resolved.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use compose::{
    images::START,
    prometheus,
    service_spec::{Kind, Service},
};
use project::Scenario;
use serde_json::{Value, json};

use crate::native_processes::{prometheus::users, redis::configuration};

/// Adapts the `resolved` definition of `service`.
///
/// # Errors
/// When a configuration cannot be written.
pub fn service(scenario: &Scenario, resolved: &mut Value, service: &Service) -> anyhow::Result<()> {
    if let Some(port) = service.port {
        // Another program may have the one in the file.
        resolved["ports"][0]["published"] = json!(port.native.to_string());
    }
    // The lab does all of this itself, in both engines: it asks whether a service answers, starts again what has crashed,
    // and keeps the log.
    resolved["healthcheck"] = json!({ "disable": true });
    resolved["restart"] = json!("no");
    resolved["logging"] = json!({ "driver": "none" });
    match &service.kind {
        // So does it make role and database.
        Kind::Postgres(_) => unmount(resolved, "/docker-entrypoint-initdb.d/create.sh"),
        Kind::Nginx(nginx) => {
            let ours = write_nginx_conf(scenario, &service.name, &nginx.config)?;
            unmount(resolved, "/etc/nginx/nginx.conf");
            mount(resolved, &ours, "/etc/nginx/nginx.conf")?;
            resolved["command"] = json!(["nginx", "-g", "daemon off; worker_shutdown_timeout 7s;"]);
        }
        // As without Docker. Its account may be unable to run a script of the checkout, after a clone with a private umask.
        Kind::Redis(redis) => {
            let inside = "/etc/redis.conf";
            let ours = write(scenario, &service.name, "redis.conf", &configuration(redis))?;
            unmount(resolved, START);
            mount(resolved, &ours, inside)?;
            let command =
                ["redis-server", inside].into_iter().chain(redis.arguments.iter().map(String::as_str));
            resolved["command"] = command.collect();
        }
        // In the network of this machine: it asks who listens on 127.0.0.1, the lab's page for one.
        Kind::Prometheus(monitor) => {
            let port = service.port.context("Prometheus needs a port")?.native;
            let users = users(scenario)?;
            write(scenario, &service.name, prometheus::CONFIG, &monitor.config)?;
            write(scenario, &service.name, prometheus::USERS, &users)?;
            let ours = scenario.service_dir(&service.name);
            let inside = "/etc/prometheus";
            let definition = resolved.as_object_mut().context("a service has keys")?;
            definition.retain(|key, _| !["networks", "ports"].contains(&key.as_str()));
            definition.insert("network_mode".into(), json!("host"));
            definition.insert(
                "command".into(),
                json!(prometheus::options(Path::new(inside), Path::new("/prometheus"), port, monitor)),
            );
            unmount(resolved, "/etc/prometheus/prometheus.yml");
            mount(resolved, &ours, inside)?;
        }
        Kind::Program(_) | Kind::Page(_) => {}
    }
    Ok(())
}

fn unmount(resolved: &mut Value, target: &str) {
    if let Some(volumes) = resolved["volumes"].as_array_mut() {
        volumes.retain(|volume| volume["target"] != target);
    }
}

fn mount(resolved: &mut Value, source: &Path, target: &str) -> anyhow::Result<()> {
    let mount = json!({ "type": "bind", "source": source, "target": target, "read_only": true });
    let volumes = resolved["volumes"].as_array_mut();
    volumes.with_context(|| format!("it mounts nothing in the place of {target}"))?.push(mount);
    Ok(())
}

/// Writes what the container `name` of nginx mounts.
///
/// # Errors
/// When that is not possible.
pub fn write_nginx_conf(scenario: &Scenario, name: &str, config: &str) -> anyhow::Result<PathBuf> {
    write(scenario, name, "nginx.conf", config)
}

/// Writes a file that the container `name` mounts. Into the same file: a container keeps the one that it was given.
fn write(scenario: &Scenario, name: &str, file: &str, config: &str) -> anyhow::Result<PathBuf> {
    let dir = scenario.service_dir(name);
    let path = dir.join(file);
    let written = fs::create_dir_all(&dir).and_then(|()| fs::write(&path, config));
    written.with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
