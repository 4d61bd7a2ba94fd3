//! The compose engine: Docker Compose runs the services of the same file, each in a container. Everything else is as it
//! is without Docker: the supervisor, the ports, how the data are made and how readiness is asked for.

use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, bail, ensure};
use compose::{
    docker_service::{self, Container, Docker},
    service_spec::{Kind, Service},
};
use project::{Scenario, names, store};
use serde::Deserialize;
use serde_json::Value;

pub mod container_process;
mod fetch;
pub mod localize;
pub mod messages;

/// Whether containers can run here.
pub fn is_there() -> bool {
    info().is_ok()
}

/// Where Docker keeps the program of `docker compose`, and whether it can cap a CPU.
fn info() -> anyhow::Result<(PathBuf, bool)> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Plugin {
        name: String,
        path: PathBuf,
    }
    let asked = Command::new("docker")
        .args(["info", "--format", "{{json .ClientInfo.Plugins}}\n{{.CPUCfsQuota}}"])
        .stderr(Stdio::null())
        .output();
    let asked = asked.ok().filter(|asked| asked.status.success());
    let asked =
        asked.context("cannot reach Docker: it is not running, or you may not use it; see: docker info")?;
    let said = String::from_utf8_lossy(&asked.stdout);
    let (plugins, caps) = said.split_once('\n').unwrap_or_default();
    let plugins: Vec<Plugin> = serde_json::from_str(plugins)?;
    let compose = plugins.into_iter().find(|plugin| plugin.name == "compose");
    let compose = compose.context("Docker has no Compose 2; install the package docker-compose-plugin")?;
    Ok((compose.path, caps.trim() == "true"))
}

/// The Docker of this machine, for `scenario`.
///
/// # Errors
/// When there is none.
pub fn find(scenario: &Scenario) -> anyhow::Result<Docker> {
    let (program, caps) = info()?;
    Ok(Docker { program, caps, file: file(scenario) })
}

/// Puts `services`, which the compose files `sources` describe, into containers, all but the lab's own page: resolves
/// the files with `variables`, fetches and builds what is missing. Docker's own progress goes to standard error.
/// Removes Prometheus from `services` when its image cannot be pulled.
///
/// # Errors
/// When a program does not compile, or Docker reports an error.
pub fn adopt(
    docker: &Docker,
    scenario: &Scenario,
    sources: &[PathBuf],
    variables: &BTreeMap<&str, String>,
    services: &mut Vec<Service>,
) -> anyhow::Result<()> {
    let mut command = docker_service::command(&docker.program);
    command.args(["--project-name", &format!("lab-{}", names::machine_wide(scenario))]);
    command.arg("--project-directory").arg(scenario.root.join("compose"));
    for source in sources {
        command.arg("--file").arg(source);
    }
    let output = command
        .args(["config", "--format", "json"])
        .envs(variables)
        .output()
        .context("cannot start Docker Compose")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    let mut resolved: Value = serde_json::from_slice(&output.stdout)?;
    for service in services.iter() {
        let definitions = resolved["services"].as_object_mut().context("the compose file has no services")?;
        match &service.kind {
            // A process of this machine in both engines.
            Kind::Page(_) => drop(definitions.remove(&service.name)),
            _ => localize::service(scenario, &mut definitions[&service.name], service)?,
        }
    }
    store::write_json(&docker.file, &resolved)?;
    fetch::images(docker, services)?;
    if !build(docker).stdout(io::stderr()).status()?.success() {
        bail!("the program does not compile (see above); fix it and run the same command again");
    }
    note_images(docker, scenario)?;
    let definitions = definitions(docker)?;
    for service in services.iter_mut().filter(|service| !matches!(service.kind, Kind::Page(_))) {
        let image = resolved["services"][&service.name]["image"].as_str().map(str::to_owned);
        let definition = definitions.get(&service.name).cloned().unwrap_or_default();
        service.container = Some(Container { docker: docker.clone(), image, definition });
    }
    Ok(())
}

/// The command that builds all our images; how far it is goes to standard output.
pub fn build(docker: &Docker) -> Command {
    docker.command(&["--progress=plain", "build"])
}

/// Notes which images there are now. The file of one that is as it was stays untouched, so its time tells when the
/// program changed, as that of an executable does.
///
/// # Errors
/// Docker's error message.
pub fn note_images(docker: &Docker, scenario: &Scenario) -> anyhow::Result<()> {
    let resolved: Value = store::read_json(&docker.file).context("the resolved compose file is gone")?;
    let project = resolved["name"].as_str().unwrap_or_default();
    let services = resolved["services"].as_object().into_iter().flatten();
    for (name, _) in services.filter(|(_, service)| service["build"].is_object()) {
        let image = format!("{project}-{name}");
        let output =
            Command::new("docker").args(["image", "inspect", "--format={{.Id}}", &image]).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        let path = noted_image(scenario, name);
        if fs::read(&path).ok().as_ref() != Some(&output.stdout) {
            store::write(&path, &output.stdout)?;
        }
    }
    Ok(())
}

/// Makes what is missing: the containers, and the network that all of them need. Two that are started at the same moment
/// would each make one, and then "network is ambiguous".
///
/// # Errors
/// Docker's error message.
pub fn create(docker: &Docker) -> anyhow::Result<()> {
    let output = docker.command(&["create", "--no-build", "--no-recreate"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

fn definitions(docker: &Docker) -> anyhow::Result<BTreeMap<String, String>> {
    let output = docker.command(&["config", "--hash", "*"]).output()?;
    let lines = String::from_utf8(output.stdout)?;
    let pair = |line: &str| line.split_once(' ').map(|(name, hash)| (name.to_owned(), hash.to_owned()));
    Ok(lines.lines().filter_map(pair).collect())
}

/// Changes when the image of `service` does.
pub fn noted_image(scenario: &Scenario, service: &str) -> PathBuf {
    scenario.dir().join(format!("{service}.image"))
}

/// The resolved compose file; it is there once `scenario` ran in containers.
pub fn file(scenario: &Scenario) -> PathBuf {
    scenario.dir().join("compose.json")
}

/// Removes containers whose supervisor has ended, and their network; prints why if that fails. The data stay.
pub fn clean_up(scenario: &Scenario) {
    if let Err(error) = remove(scenario, false) {
        eprintln!("{error:#}");
    }
}

/// Removes the containers and the network of `scenario`, and its data `with_data`; nothing happens where it never ran in
/// containers.
///
/// # Errors
/// Docker's error message.
pub fn remove(scenario: &Scenario, with_data: bool) -> anyhow::Result<()> {
    if !file(scenario).exists() {
        return Ok(());
    }
    let mut down = find(scenario)?.command(&["down", "--remove-orphans"]);
    if with_data {
        down.args(["--volumes", "--rmi", "local"]);
    }
    let output = down.output().context("cannot start Docker Compose")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}
