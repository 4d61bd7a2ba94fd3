//! Git commands in a checkout.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};

/// What git prints when it is run in `root` with `arguments`, and `paths` after them.
///
/// # Errors
/// When there is no git, or it fails, with its own words.
pub fn git(root: &Path, arguments: &[&str], paths: &[impl AsRef<OsStr>]) -> anyhow::Result<Vec<u8>> {
    let mut command = Command::new("git");
    // A hook and `git rebase --exec` set them, of a repository that may be another one.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    let output = command.current_dir(root).args(arguments).args(paths).output();
    let output = output.context("cannot run git")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "git {}: {}", arguments.join(" "), said.trim());
    Ok(output.stdout)
}

/// The same, as text.
///
/// # Errors
/// The same.
pub fn text(root: &Path, arguments: &[&str], paths: &[impl AsRef<OsStr>]) -> anyhow::Result<String> {
    git(root, arguments, paths).map(|said| String::from_utf8_lossy(&said).into_owned())
}

/// Checks that git knows each of `files`: the checkout may lie untracked in another repository.
///
/// # Errors
/// When `root` is no git checkout, or git has never seen one of the files.
pub fn expect_known(root: &Path, files: &[impl AsRef<OsStr>]) -> anyhow::Result<()> {
    text(root, &["rev-parse", "--show-toplevel"], NONE).context("this needs a clone made by git")?;
    text(root, &["ls-files", "--error-unmatch", "--"], files)
        .context("git does not know the files of this checkout")?;
    Ok(())
}

/// The files at `places` that git does not know and would add.
///
/// # Errors
/// Those of [`git`].
pub fn new_files(root: &Path, places: &[impl AsRef<OsStr>]) -> anyhow::Result<Vec<PathBuf>> {
    // Ended by NUL: otherwise git quotes a name with an umlaut.
    let names = text(root, &["ls-files", "-z", "--others", "--exclude-standard", "--"], places)?;
    Ok(names.split_terminator('\0').map(PathBuf::from).collect())
}

/// No paths.
pub const NONE: &[&str] = &[];
