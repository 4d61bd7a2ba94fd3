//! What the machine lacks, and how to get it.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use pgcluster::Installation;
use serde::Serialize;

/// Debian starts what it installs, on port 80 of every address; ours is another one.
const INSTALL_NGINX: &str =
    "apt-get install --yes nginx && { service nginx stop; update-rc.d nginx disable; true; }";

/// One thing the lab needs.
#[derive(Debug, Serialize)]
pub struct Need {
    /// As people call it.
    pub name: &'static str,
    /// What was found, for example its version.
    pub found: Option<String>,
    /// What to type when it is missing.
    pub install: String,
}

/// Everything the native engine needs, found or not.
pub fn all() -> Vec<Need> {
    let program = |name, program: &str, install: &str| Need {
        name,
        found: version(program),
        install: install.to_owned(),
    };
    vec![
        program("Rust", "cargo", "see https://rustup.rs"),
        program("C compiler", "cc", "sudo apt-get install --yes build-essential"),
        program("setpriv", "setpriv", "sudo apt-get install --yes util-linux"),
        Need {
            name: "PostgreSQL",
            found: Installation::find().ok().map(|found| format!("PostgreSQL {}", found.major())),
            install: format!("sudo {}", pgcluster::INSTALL),
        },
        Need {
            name: "nginx",
            found: find_nginx().ok().map(|program| program.display().to_string()),
            install: format!("sudo sh -c '{INSTALL_NGINX}'"),
        },
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

/// The nginx of this machine; installs it first when it is missing and we may.
///
/// # Errors
/// When it is missing and stays missing; the message holds the one command to type.
pub fn nginx() -> anyhow::Result<PathBuf> {
    find_nginx().or_else(|_| {
        install("nginx", INSTALL_NGINX)?;
        find_nginx()
    })
}

/// The nginx of this machine. Debian keeps it off an ordinary user's PATH.
///
/// # Errors
/// When there is none; the message holds the command that installs it.
pub fn find_nginx() -> anyhow::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|dir| dir.join("nginx"))
        .find(|program| program.is_file())
        .with_context(|| format!("nginx is missing; install it with: sudo sh -c '{INSTALL_NGINX}'"))
}

/// Runs `command` if we may: as root, or when sudo asks no question. Where we may not, nothing happens.
///
/// # Errors
/// When it fails, or this is no Debian or Ubuntu.
fn install(what: &str, command: &str) -> anyhow::Result<()> {
    let mut shell = if rustix::process::geteuid().is_root() {
        Command::new("sh")
    } else if succeeds(Command::new("sudo").args(["--non-interactive", "true"])) {
        let mut sudo = Command::new("sudo");
        sudo.args(["--non-interactive", "DEBIAN_FRONTEND=noninteractive", "sh"]);
        sudo
    } else {
        return Ok(());
    };
    if version("apt-get").is_none() {
        bail!("{what} is missing, and this machine has no apt-get to install it with");
    }
    eprintln!("{what} is missing: installing it with `{command}` …");
    // A machine that was never updated knows no packages.
    shell.args(["-ec", &format!("apt-get update --quiet\n{command}")]);
    shell.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
    if !shell.status().is_ok_and(|status| status.success()) {
        bail!("installing {what} failed (see above); try it by hand: sudo sh -c '{command}'");
    }
    Ok(())
}

/// The first line of `program --version`; `None` when it cannot be run.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
