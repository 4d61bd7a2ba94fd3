//! What the machine lacks, and how to get it.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use pgcluster::Installation;
use serde::Serialize;

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
    ]
}

/// The PostgreSQL of this machine; installs it first when it is missing and we may: as root, or when sudo asks no
/// question.
///
/// # Errors
/// When it is missing and stays missing; the message holds the one command to type.
pub fn postgres() -> anyhow::Result<Installation> {
    if let Ok(installation) = Installation::find() {
        return Ok(installation);
    }
    let prefix: &[&str] = if rustix::process::geteuid().is_root() {
        &[]
    } else if succeeds(Command::new("sudo").args(["--non-interactive", "true"])) {
        &["sudo", "--non-interactive", "env", "DEBIAN_FRONTEND=noninteractive"]
    } else {
        return Installation::find();
    };
    if version("apt-get").is_none() {
        bail!("PostgreSQL 14 or newer is missing, and this machine has no apt-get to install it with");
    }
    eprintln!("PostgreSQL is missing: installing it with `{}` …", pgcluster::INSTALL);
    // A machine that was never updated knows no packages.
    for words in ["apt-get update --quiet", pgcluster::INSTALL] {
        let mut words = prefix.iter().copied().chain(words.split(' '));
        let mut command = Command::new(words.next().context("an empty command")?);
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        if !command.status().is_ok_and(|status| status.success()) {
            bail!("installing PostgreSQL failed (see above); try it by hand: sudo {}", pgcluster::INSTALL);
        }
    }
    Installation::find()
}

/// The first line of `program --version`; `None` when it cannot be run.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
