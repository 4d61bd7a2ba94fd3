//! `image: nginx:…` is the nginx of this machine, in a directory of its own.

use std::{
    fs,
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use compose::service_spec::Nginx;
use process::Identity;
use project::Scenario;
use rustix::process::Signal;
use tokio::time::sleep;

use crate::{
    native_processes::{get, server_dir::ServerDir, until_it_answers},
    needs,
};

/// The configuration that is served.
const SERVED: &str = "nginx.conf";

/// Longer than a service gives a request (6 s). Without a limit a browser that has connected and asks nothing would keep
/// an old worker for a minute.
const OLD_WORKERS_STAY: Duration = Duration::from_secs(7);

/// The command that serves `nginx` in the foreground.
///
/// # Errors
/// When nginx is missing, or its directory cannot be written.
pub fn command(scenario: &Scenario, name: &str, nginx: &Nginx) -> anyhow::Result<Command> {
    let place = prepare(scenario, name)?;
    // Its own account opens `/dev/stdout` again.
    place.create(&scenario.log(name))?;
    serve(&place, &place.write(SERVED, &nginx.config)?)
}

/// Has nginx itself read the configuration, without serving it.
///
/// # Errors
/// Its own words, with the learner's file in place of ours.
pub fn check(scenario: &Scenario, name: &str, nginx: &Nginx) -> anyhow::Result<()> {
    let place = prepare(scenario, name)?;
    let tried = place.write("tried.conf", &nginx.config)?;
    // A file, as when it serves: its account could not open a pipe of ours again, as `/dev/stdout`.
    let said = place.dir.join("tried.log");
    place.create(&said)?.set_len(0)?;
    let log = || place.create(&said);
    let status = serve(&place, &tried)?.arg("-t").stdout(log()?).stderr(log()?).status();
    if status.context("cannot start nginx")?.success() {
        return Ok(());
    }
    let said = fs::read_to_string(&said).with_context(|| format!("cannot read {}", said.display()))?;
    let said = said.replace(&*tried.to_string_lossy(), &nginx.source.to_string_lossy());
    let errors: Vec<_> = said.lines().filter(|line| line.contains("[emerg]")).collect();
    bail!("nginx cannot use {}: {}", nginx.source.display(), errors.join("\n"))
}

/// Waits until it answers with any status: its upstreams have health checks of their own.
///
/// # Errors
/// When it ends before, or is silent for 5 s.
pub async fn ready(child: &mut Child, port: u16) -> anyhow::Result<String> {
    let ask = async || {
        let answer = get(port, "/livez").await;
        answer.context("nginx does not answer")
    };
    until_it_answers(child, Duration::from_secs(5), ask).await?;
    Ok("answers".to_owned())
}

/// Reloads `config` without losing a request, and returns when the last worker with the old one has exited.
///
/// Source: nginx manual, "Controlling nginx", "Changing Configuration".
///
/// # Errors
/// When it cannot be written, or old workers stay.
pub async fn reload(scenario: &Scenario, name: &str, config: &str, master: &Identity) -> anyhow::Result<()> {
    prepare(scenario, name)?.write(SERVED, config)?;
    let old = master.children();
    master.signal(Signal::HUP);
    let deadline = Instant::now() + OLD_WORKERS_STAY + Duration::from_secs(2);
    while old.iter().any(Identity::is_alive) {
        ensure!(master.is_alive(), "nginx exited while it reloaded its configuration");
        ensure!(Instant::now() < deadline, "nginx did not reload its configuration");
        sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

fn prepare(scenario: &Scenario, name: &str) -> anyhow::Result<ServerDir> {
    let place = ServerDir::prepare(scenario, name)?;
    place.make(&place.dir.join("temp"))?;
    Ok(place)
}

fn serve(place: &ServerDir, config: &Path) -> anyhow::Result<Command> {
    // Its workers would outlive a killed master; a master that gets a stop signal stops them first.
    let mut command = place.command(&needs::NGINX.find()?);
    command.arg("-p").arg(&place.dir).arg("-c").arg(config);
    let seconds = OLD_WORKERS_STAY.as_secs();
    let ours = format!("daemon off; pid nginx.pid; error_log stderr; worker_shutdown_timeout {seconds}s;");
    command.args(["-g", &ours]);
    Ok(command)
}
