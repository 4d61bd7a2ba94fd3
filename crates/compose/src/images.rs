//! What the images of a compose file mean without Docker.

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, bail, ensure};
use regex_lite::Regex;
use sha2::{Digest, Sha256};

use crate::{
    Service,
    service_spec::{self, Kind, Postgres, Prometheus, Redis},
};

/// Databases that PostgreSQL or the lab needs for itself.
const TAKEN: [&str; 6] = ["postgres", "template0", "template1", "seeding", "cloning", "fresh"];

/// What makes role and database in a container; here `database.rs` does.
const CREATE: &str = "/docker-entrypoint-initdb.d/create.sh";

/// `image: postgres:…`, as the official image would read its `environment`, `command` and `mounts`.
///
/// # Errors
/// Names the key that is missing or cannot be used.
pub fn postgres(
    service: &Service,
    environment: &BTreeMap<String, String>,
    mounts: &BTreeMap<String, PathBuf>,
) -> anyhow::Result<Postgres> {
    let variable = |name: &str| {
        environment.get(name).cloned().with_context(|| format!("environment: {name} is missing"))
    };
    let service_name = variable("SERVICE")?;
    ensure!(
        !TAKEN.contains(&&*service_name) && !service_name.starts_with("pg_"),
        "SERVICE: role and database cannot be named `{service_name}`, which is taken; choose another name"
    );
    let settings = settings(&service.command)?;
    let scripts = scripts(mounts)?;
    let template = template_name(&scripts, &settings)?;
    Ok(Postgres {
        settings,
        user: service_name.clone(),
        password: variable("SERVICE_PASSWORD")?,
        database: service_name,
        scripts,
        template,
    })
}

/// Names the content: other scripts or `seed.…` settings make another template.
fn template_name(scripts: &[PathBuf], settings: &[String]) -> anyhow::Result<String> {
    let mut content = Sha256::new();
    for script in scripts {
        content.update(fs::read(script).with_context(|| format!("cannot read {}", script.display()))?);
    }
    for setting in settings.iter().filter(|setting| setting.starts_with("seed.")) {
        content.update(setting);
    }
    Ok(format!("seed_{}", hex::encode(&content.finalize()[..6])))
}

/// `["a=1"]` of `[postgres, -c, a=1]`.
fn settings(command: &[String]) -> anyhow::Result<Vec<String>> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(Vec::new());
    };
    let (pairs, rest) = arguments.as_chunks();
    ensure!(
        program == "postgres" && rest.is_empty() && pairs.iter().all(|[flag, _]| flag == "-c"),
        "command must read [postgres, -c, name=value, …]"
    );
    Ok(pairs.iter().map(|[_, setting]| setting.clone()).collect())
}

/// What `create.sh` would run in a container when it fills the database, in its order. That one itself is for containers.
fn scripts(mounts: &BTreeMap<String, PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
    let mut scripts = Vec::new();
    for (inside, script) in mounts.iter().filter(|(inside, _)| *inside != CREATE) {
        ensure!(
            inside.starts_with("/seed/"),
            "volumes: PostgreSQL takes scripts in /seed/ only, not {inside}"
        );
        scripts.push(script.clone());
    }
    Ok(scripts)
}

/// What starts Redis with its password under plain Docker Compose; the lab writes a configuration instead.
pub const START: &str = "/start.sh";

/// `image: redis:…`, with the options of its `command` and the password in its `environment`.
///
/// # Errors
/// When it has no password, or the command sets an address, a folder or a password: the lab sets those.
pub fn redis(
    service: &Service,
    environment: &BTreeMap<String, String>,
    mounts: &BTreeMap<String, PathBuf>,
) -> anyhow::Result<Redis> {
    let password = environment.get("REDISCLI_AUTH").filter(|password| !password.is_empty());
    let start = service.command.split_first();
    let start = start.filter(|(program, _)| *program == START && mounts.keys().eq([START]));
    let (Some(password), Some((_, arguments))) = (password, start) else {
        bail!(
            "Redis must ask for a password. It needs environment: {{ REDISCLI_AUTH: \"${{REDIS_PASSWORD:-redis}}\" }}, \
            volumes: [\"./redis/start.sh:{START}:ro\"] and command: [{START}, --option, value, …]"
        )
    };
    ensure!(
        password.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "environment: REDISCLI_AUTH may have letters and digits only, so that it fits into a URL"
    );
    for ours in ["--port", "--bind", "--daemonize", "--dir", "--unixsocket", "--requirepass"] {
        ensure!(!arguments.iter().any(|argument| argument == ours), "command: the lab sets {ours} itself");
    }
    Ok(Redis { arguments: arguments.to_vec(), password: password.clone() })
}

/// Refuses a URL with which a Redis would refuse its client: a service goes on without its cache then, and only its log and
/// its numbers would show that.
///
/// # Errors
/// Names the service, the variable and what to write.
pub fn refuse_redis_urls(services: &[service_spec::Service]) -> anyhow::Result<()> {
    for service_spec::Service { name, port, kind, .. } in services {
        let (Kind::Redis(redis), Some(port)) = (kind, port) else { continue };
        let url = Regex::new(&format!(r"redis://(?:([^@/\s]*)@)?127\.0\.0\.1:{}\b", port.native))?;
        let logins = ["", "default"].map(|user| format!("{user}:{}", redis.password));
        for client in services {
            for (variable, value) in client.program().into_iter().flat_map(|program| &program.environment) {
                let mut given =
                    url.captures_iter(value).map(|url| url.get(1).map_or("", |login| login.as_str()));
                if given.any(|login| !logins.iter().any(|right| right == login)) {
                    bail!(
                        "service {}: environment: {variable}: {name} asks for the password in its REDISCLI_AUTH; \
                        write redis://:${{REDIS_PASSWORD:-redis}}@{name}:{}",
                        client.name,
                        port.inside
                    );
                }
            }
        }
    }
    Ok(())
}

/// Where the lab's Prometheus finds its target list, and where any other Prometheus finds it.
const TARGETS: [&str; 2] = ["../.lab/targets/*.json", "targets.json"];

/// `image: prom/prometheus:…`, with the options of its `command`, and `config` for a Prometheus outside the lab. What it
/// mounts is for one that finds the servers by Docker's DNS.
///
/// # Errors
/// When `config` scrapes other targets.
pub fn prometheus(service: &Service, config: &str) -> anyhow::Result<Prometheus> {
    let [theirs, ours] = TARGETS;
    ensure!(config.contains(theirs), "dashboards/prometheus.yml must read {theirs}");
    // Files of its container.
    let is_path = |argument: &&String| {
        ["--config.file=", "--storage.tsdb.path="].iter().any(|start| argument.starts_with(start))
    };
    let arguments = service.command.iter().filter(|argument| !is_path(argument)).cloned().collect::<Vec<_>>();
    let listens = arguments.iter().any(|argument| argument.starts_with("--web.listen-address"));
    ensure!(!listens, "command: the lab sets the address of Prometheus itself");
    Ok(Prometheus { arguments, config: config.replace(theirs, ours) })
}

/// `image: nginx:…`: its one configuration file.
///
/// # Errors
/// When it is not mounted, or something else is.
pub fn nginx_config(mounts: &BTreeMap<String, PathBuf>) -> anyhow::Result<PathBuf> {
    match mounts.first_key_value() {
        Some((inside, config)) if mounts.len() == 1 && inside == "/etc/nginx/nginx.conf" => {
            Ok(config.clone())
        }
        _ => bail!(
            "volumes: nginx needs its configuration, like \"./nginx/my.conf:/etc/nginx/nginx.conf:ro\", and nothing else"
        ),
    }
}
