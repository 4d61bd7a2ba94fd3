//! What the lab changes in a compose file that Docker has resolved.

use std::{fs, path::PathBuf};

use anyhow::Context;
use serde_json::{Value, json};

use crate::{
    plan::{Kind, Service},
    project::Scenario,
};

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
        Kind::Redis(_) | Kind::Program(_) => {}
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
    let dir = scenario.dir().join(name);
    let path = dir.join("nginx.conf");
    let written = fs::create_dir_all(&dir).and_then(|()| fs::write(&path, config));
    written.with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
