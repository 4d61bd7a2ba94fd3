//! `image: nginx:…` is the nginx of this machine, in a directory of its own.

use std::{
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use pgcluster::Account;
use rustix::process::Signal;
use tokio::time::sleep;

use crate::{data_dir, needs, plan::Nginx, process::Identity, project::Scenario};

/// Longer than nginx gives a server to answer, so that requests under way are not cut off.
const OLD_WORKERS_LEAVE_WITHIN: Duration = Duration::from_secs(10);

/// The command that serves `nginx` in the foreground.
///
/// # Errors
/// When nginx is missing, or its directory cannot be written.
pub fn command(scenario: &Scenario, name: &str, nginx: &Nginx) -> anyhow::Result<Command> {
    let place = Place::prepare(scenario, name)?;
    place.write(&nginx.config)?;
    Ok(place.command())
}

/// Has nginx itself read the configuration, without serving it.
///
/// # Errors
/// Its own words, with the learner's file in place of ours.
pub fn check(scenario: &Scenario, name: &str, nginx: &Nginx) -> anyhow::Result<()> {
    let place = Place::prepare(scenario, name)?;
    let tried = place.dir.join("tried.conf");
    fs::write(&tried, &nginx.config).with_context(|| format!("cannot write {}", tried.display()))?;
    let output = place.command_with(&tried).arg("-t").output().context("cannot start nginx")?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr)
        .replace(&*tried.to_string_lossy(), &nginx.source.to_string_lossy());
    let errors: Vec<_> = said.lines().filter(|line| line.contains("[emerg]")).collect();
    bail!("nginx cannot use {}: {}", nginx.source.display(), errors.join("\n"))
}

/// Waits until it answers, whatever it answers: what is behind it is started for itself.
///
/// # Errors
/// When it ends before, or is silent for 5 s.
pub async fn ready(child: &mut Child, port: u16) -> anyhow::Result<String> {
    let deadline = Instant::now() + Duration::from_secs(5);
    let root: loadgen::Endpoint = serde_json::from_str(r#"{"name": "root", "path": "/livez"}"#)?;
    while let Err(error) = loadgen::fetch(&format!("127.0.0.1:{port}"), &root, Duration::from_secs(1)) {
        if let Some(status) = child.try_wait()? {
            bail!("it ended by itself ({status})");
        }
        if Instant::now() > deadline {
            return Err(error.context("nginx does not answer"));
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok("answers".to_owned())
}

/// Goes over to `config` without losing a request, and returns when nobody goes by the old one any more.
///
/// Source: nginx manual, "Controlling nginx", "Changing Configuration".
///
/// # Errors
/// When it cannot be written, or old workers stay.
pub async fn reload(scenario: &Scenario, name: &str, config: &str, master: &Identity) -> anyhow::Result<()> {
    Place::prepare(scenario, name)?.write(config)?;
    let old = master.children();
    master.signal(Signal::HUP);
    let deadline = Instant::now() + OLD_WORKERS_LEAVE_WITHIN;
    while old.iter().any(Identity::is_alive) {
        if Instant::now() > deadline {
            bail!(
                "nginx did not take over its new configuration within {} s",
                OLD_WORKERS_LEAVE_WITHIN.as_secs()
            );
        }
        sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// Where it keeps its files, and whom it runs as: as root it would be root's files that a learner's configuration serves.
struct Place {
    program: PathBuf,
    dir: PathBuf,
    account: Option<Account>,
}

impl Place {
    fn prepare(scenario: &Scenario, name: &str) -> anyhow::Result<Self> {
        let dir = data_dir::of(scenario, name)?;
        let account = Account::for_servers(&dir)?;
        let temp = dir.join("temp");
        fs::create_dir_all(&temp).with_context(|| format!("cannot create {}", temp.display()))?;
        if let Some(account) = &account {
            for dir in [&dir, &temp] {
                chown(dir, Some(account.uid), Some(account.gid))
                    .with_context(|| format!("cannot give {} to {}", dir.display(), account.name))?;
            }
        }
        Ok(Self { program: needs::find_nginx()?, dir, account })
    }

    fn config(&self) -> PathBuf {
        self.dir.join("nginx.conf")
    }

    fn write(&self, config: &str) -> anyhow::Result<()> {
        fs::write(self.config(), config).with_context(|| format!("cannot write {}", self.config().display()))
    }

    fn command(&self) -> Command {
        self.command_with(&self.config())
    }

    fn command_with(&self, config: &Path) -> Command {
        // Its workers would outlive a master that is killed; told to stop, it stops them first.
        let mut command = pgcluster::dies_with_parent(&self.program, "TERM", self.account.as_ref());
        command.arg("-p").arg(&self.dir).arg("-c").arg(config);
        command.args(["-g", "daemon off; pid nginx.pid; error_log stderr;"]);
        command
    }
}
