//! `cargo xtask tools`: pinned versions of what `lint` uses, in `target/tools`. Learners never need them.

use std::{path::Path, process::Command};

use anyhow::{Context, ensure};

use crate::tool_path::{FOLDER, is_there};

/// From Debian: the linter of scripts, the browser of the page's tests, and what makes the folder.
const PACKAGES: [&str; 3] = ["chromium", "python3-venv", "shellcheck"];

/// Finds what keeps people from using a page.
const AXE: &str = "axe-playwright-python==0.1.8";

/// Installs what is missing.
///
/// # Errors
/// When a package manager fails.
pub fn run() -> anyhow::Result<bool> {
    if is_there("apt-get") && !(is_there("chromium") && is_there("shellcheck")) {
        let sudo = if is_there("sudo") { "sudo " } else { "" };
        let packages = PACKAGES.join(" ");
        bash(&format!(
            "{sudo}apt-get update --quiet && {sudo}apt-get install --yes --no-install-recommends {packages}"
        ))?;
    }
    if !Path::new(FOLDER).join("bin/pip").exists() {
        bash(&format!("python3 -m venv {FOLDER}"))?;
    }
    // Not `bin/pip`: its first line names a folder, which in a copied `target` is that of the other checkout.
    bash(&format!(
        "{FOLDER}/bin/python3 -m pip install --quiet --only-binary :all: --requirement crates/xtask/tools.txt"
    ))?;
    // Only the file with axe, which the tests of the page run in the browser; a Playwright would be 50 MB.
    bash(&format!("{FOLDER}/bin/python3 -m pip install --quiet --only-binary :all: --no-deps {AXE}"))?;
    Ok(true)
}

fn bash(line: &str) -> anyhow::Result<()> {
    println!("{line}");
    let status = Command::new("bash").args(["-c", line]).status().context("cannot run bash")?;
    ensure!(status.success(), "it failed: {line}");
    Ok(())
}
