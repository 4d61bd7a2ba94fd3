//! What the lab changes in a compose file that Docker has resolved.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use compose::{
    prometheus,
    service_spec::{Kind, Service},
};
use project::Scenario;
use serde_json::{Value, json};

use crate::native_processes::prometheus::users;

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
            let ours = write_config(scenario, &service.name, &nginx.config)?;
            unmount(resolved, "/etc/nginx/nginx.conf");
            let mount = json!({ "type": "bind", "source": ours, "target": "/etc/nginx/nginx.conf", "read_only": true });
            resolved["volumes"].as_array_mut().context("nginx has no configuration")?.push(mount);
            resolved["command"] = json!(["nginx", "-g", "daemon off; worker_shutdown_timeout 7s;"]);
        }
        // In the network of this machine: it asks who listens on 127.0.0.1, the lab's page for one.
        Kind::Prometheus(monitor) => {
            let port = service.port.context("Prometheus needs a port")?.native;
            let users = users(scenario)?;
            let ours = scenario.service_dir(&service.name);
            fs::create_dir_all(&ours).with_context(|| format!("cannot create {}", ours.display()))?;
            let config = ours.join(prometheus::CONFIG);
            fs::write(&config, &monitor.config)
                .and_then(|()| fs::write(ours.join(prometheus::USERS), &users))
                .with_context(|| format!("cannot write to {}", ours.display()))?;
            let inside = "/etc/prometheus";
            let definition = resolved.as_object_mut().context("a service has keys")?;
            definition.retain(|key, _| !["networks", "ports"].contains(&key.as_str()));
            definition.insert("network_mode".into(), json!("host"));
            definition.insert(
                "command".into(),
                json!(prometheus::options(Path::new(inside), Path::new("/prometheus"), port, monitor)),
            );
            unmount(resolved, "/etc/prometheus/prometheus.yml");
            let mount = json!({ "type": "bind", "source": ours, "target": inside, "read_only": true });
            resolved["volumes"].as_array_mut().context("Prometheus keeps its data")?.push(mount);
        }
        Kind::Redis(_) | Kind::Program(_) | Kind::Page(_) => {}
    }
    Ok(())
}

fn unmount(resolved: &mut Value, target: &str) {
    if let Some(volumes) = resolved["volumes"].as_array_mut() {
        volumes.retain(|volume| volume["target"] != target);
    }
}

/// Writes what the container `name` of nginx mounts. Into the same file: a container keeps the one that it was given.
///
/// # Errors
/// When that is not possible.
pub fn write_config(scenario: &Scenario, name: &str, config: &str) -> anyhow::Result<PathBuf> {
    let dir = scenario.service_dir(name);
    let path = dir.join("nginx.conf");
    let written = fs::create_dir_all(&dir).and_then(|()| fs::write(&path, config));
    written.with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
