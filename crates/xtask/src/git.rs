//! What git knows of this checkout.

use std::process::Command;

use anyhow::{Context, ensure};

/// What `git` prints, without the last line break.
///
/// # Errors
/// When git fails, with its own message.
pub fn text(arguments: &[&str]) -> anyhow::Result<String> {
    run(Command::new("git").args(arguments))
}

/// The hash of all files as they are now, those that nobody has added included; ignored files do not count.
///
/// # Errors
/// When git fails.
pub fn tree() -> anyhow::Result<String> {
    let index = format!("{}/xtask-index", text(&["rev-parse", "--absolute-git-dir"])?);
    // An index of its own: the one in which somebody prepares a commit stays as it is.
    let git = |arguments: &[&str]| run(Command::new("git").args(arguments).env("GIT_INDEX_FILE", &index));
    git(&["add", "--all"])?;
    git(&["write-tree"])
}

/// The commit before what is tested here: where this branch left main; on main itself, the commit before the last. A
/// shallow clone has none before: there it is the last.
///
/// # Errors
/// When git fails.
pub fn base() -> anyhow::Result<String> {
    let head = text(&["rev-parse", "HEAD"])?;
    let fork = ["origin/main", "main"].iter().find_map(|main| text(&["merge-base", "HEAD", main]).ok());
    let base = fork.filter(|fork| *fork != head).or_else(|| text(&["rev-parse", "--verify", "HEAD~1"]).ok());
    Ok(base.unwrap_or(head))
}

/// The files that differ from `base`. Changes that are not committed count.
///
/// # Errors
/// When git fails.
pub fn changed_since(base: &str) -> anyhow::Result<Vec<String>> {
    Ok(text(&["diff", "--name-only", base])?.lines().map(str::to_owned).collect())
}

fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().context("cannot run git")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "git: {}", error.trim());
    Ok(String::from_utf8(output.stdout).context("git does not print UTF-8")?.trim_end().to_owned())
}
