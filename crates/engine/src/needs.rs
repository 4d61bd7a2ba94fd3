//! What the machine lacks, and how to get it.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use pgcluster::Installation;
use serde::Serialize;

/// How long the lab waits for another program that installs something, for example updates after the start of a machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server that Debian packages.
pub struct Server {
    name: &'static str,
    program: &'static str,
    /// What makes it print its version and end.
    version: &'static str,
    install: &'static str,
}

// Debian starts the servers that it installs, nginx on port 80 of every address. The lab runs its own, on other ports.

/// nginx.
pub const NGINX: Server = Server {
    name: "nginx",
    program: "nginx",
    version: "-v",
    install: "apt-get install --yes nginx && { service nginx stop; update-rc.d nginx disable; true; }",
};

/// Redis.
pub const REDIS: Server = Server {
    name: "Redis",
    program: "redis-server",
    version: "--version",
    install: "apt-get install --yes redis-server \
        && { service redis-server stop; update-rc.d redis-server disable; true; }",
};

/// Prometheus, without the packages that Debian recommends with it: they would monitor this machine.
pub const PROMETHEUS: Server = Server {
    name: "Prometheus",
    program: "prometheus",
    version: "--version",
    install: "apt-get install --yes --no-install-recommends prometheus \
        && { service prometheus stop; update-rc.d prometheus disable; true; }",
};

/// One thing the lab needs.
#[derive(Debug, Serialize)]
pub struct Need {
    /// As people call it.
    pub name: &'static str,
    /// What was found, for example its version.
    pub found: Option<String>,
    /// What to type when it is missing.
    pub install: String,
    /// Whether everything but watching works without it.
    pub optional: bool,
}

/// Everything the native engine needs, found or not.
pub fn all() -> Vec<Need> {
    let program = |name, program: &str, install: &str| Need {
        name,
        found: version(program),
        install: install.to_owned(),
        optional: false,
    };
    vec![
        program("Rust", "cargo", "see https://rustup.rs"),
        program("C compiler", "cc", "sudo apt-get install --yes build-essential"),
        program("setpriv", "setpriv", "sudo apt-get install --yes util-linux"),
        Need {
            name: "PostgreSQL",
            found: Installation::find().ok().map(|found| format!("PostgreSQL {}", found.major())),
            install: format!("sudo {}", pgcluster::INSTALL),
            optional: false,
        },
        NGINX.need(),
        REDIS.need(),
        Need { optional: true, ..PROMETHEUS.need() },
    ]
}

/// The PostgreSQL of this machine; installs it first when it is missing and we may.
///
/// # Errors
/// When it is missing and stays missing; the message holds the one command to type.
pub fn postgres() -> anyhow::Result<Installation> {
    Installation::find().or_else(|_| {
        install("PostgreSQL", pgcluster::INSTALL)?;
        Installation::find()
    })
}

/// Whether PostgreSQL is here, or we may install it.
pub fn can_have_postgres() -> bool {
    Installation::find().is_ok() || (version("apt-get").is_some() && installer().is_some())
}

impl Server {
    /// Its program; installs it first when it is missing and we may.
    ///
    /// # Errors
    /// When it is missing and stays missing; the message holds the one command to type.
    pub fn require(&self) -> anyhow::Result<PathBuf> {
        self.find().or_else(|_| {
            install(self.name, self.install)?;
            self.find()
        })
    }

    /// Its program. Debian keeps some off an ordinary user's PATH.
    ///
    /// # Errors
    /// When no program runs; the message contains the command that installs it.
    pub fn find(&self) -> anyhow::Result<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        self.find_in(env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]))
    }

    fn find_in(&self, dirs: impl Iterator<Item = PathBuf>) -> anyhow::Result<PathBuf> {
        let there: Vec<_> = dirs.map(|dir| dir.join(self.program)).filter(|file| file.is_file()).collect();
        let runs = |program: &&PathBuf| succeeds(Command::new(program).arg(self.version));
        there.iter().find(runs).cloned().with_context(|| {
            let found = there.first().map_or_else(
                || "is missing".to_owned(),
                |broken| format!("does not run (`{} {}` fails)", broken.display(), self.version),
            );
            format!("{} {found}; install it with: {}", self.name, self.by_hand())
        })
    }

    fn by_hand(&self) -> String {
        format!("sudo sh -c '{}'", self.install)
    }

    fn need(&self) -> Need {
        let found = self.find().ok().map(|program| program.display().to_string());
        Need { name: self.name, found, install: self.by_hand(), optional: false }
    }
}

/// Runs `command` if we may: as root, or when sudo asks no question. Where we may not, nothing happens.
///
/// # Errors
/// When it fails, or this is no Debian or Ubuntu.
fn install(what: &str, command: &str) -> anyhow::Result<()> {
    let Some(mut shell) = installer() else { return Ok(()) };
    if version("apt-get").is_none() {
        bail!("{what} is missing, and this machine has no apt-get to install it with");
    }
    eprintln!("{what} is missing: installing it with `{command}` …");
    // A machine that was never updated knows no packages.
    shell.args(["-ec", &format!("apt-get update --quiet\n{command}")]);
    shell.env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C").stdout(Stdio::null());
    run_when_apt_is_free(&mut shell, PATIENCE)
        .with_context(|| format!("cannot install {what}; try it by hand: sudo sh -c '{command}'"))
}

/// Runs `command`, and again while another program holds one of apt's locks; says so, and waits `patience` at most.
///
/// # Errors
/// Its own words when it fails.
fn run_when_apt_is_free(command: &mut Command, patience: Duration) -> anyhow::Result<()> {
    let deadline = Instant::now() + patience;
    let mut has_waited = false;
    loop {
        let output = command.output().context("cannot start it")?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let Some(lock) = said.lines().find(|line| line.contains("Could not get lock")) else {
            bail!("{}", said.trim());
        };
        ensure!(Instant::now() < deadline, "another program still installs something: {lock}");
        if !has_waited {
            eprintln!("waiting up to {} s for another program to finish: {lock}", patience.as_secs());
            has_waited = true;
        }
        sleep(Duration::from_secs(1));
    }
}

/// A shell that may install; `None` where we may not without a question.
fn installer() -> Option<Command> {
    if rustix::process::geteuid().is_root() {
        return Some(Command::new("sh"));
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["--non-interactive", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "sh"]);
    succeeds(Command::new("sudo").args(["--non-interactive", "true"])).then_some(sudo)
}

/// The first line of `program --version`; `None` when it cannot be run.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    output.status.success().then_some(())?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests;
