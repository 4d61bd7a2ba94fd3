//! Files that the lab keeps: written in one step, so that a reader sees the old file or the new one, never half of it.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::fchown,
    path::Path,
};

use anyhow::{Context, anyhow};
use serde::{Serialize, de::DeserializeOwned};
use tempfile::NamedTempFile;

/// Writes `value` as JSON, so that a reader sees the old file or the new one, never half of it.
///
/// # Errors
/// When it cannot be written: the old file is still there.
pub fn write_json(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    write(path, &serde_json::to_vec_pretty(value)?)
}

/// Reads the file of [`write_json`]; `None` if it is missing, or if this version cannot read it. The next start writes it
/// again.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Writes `bytes`, readable only by the owner: what the lab keeps has passwords in it.
///
/// # Errors
/// When it cannot be written: the old file is still there.
pub fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write_for(path, bytes, None)
}

/// The same for another `owner`, a user and a group: a server that runs under an account of its own. Only root can do this.
///
/// # Errors
/// When it cannot be written: the old file is still there.
pub fn write_for(path: &Path, bytes: &[u8], owner: Option<(u32, u32)>) -> anyhow::Result<()> {
    let written = || {
        let file = unfinished(path, bytes)?;
        if let Some((user, group)) = owner {
            fchown(file.as_file(), Some(user), Some(group))?;
        }
        file.persist(path).map_err(|error| error.error)
    };
    written().map(drop).map_err(|error| not_ours("write", path, error))
}

/// Writes a file of a checkout, which everyone may read, in a folder that may be new.
///
/// # Errors
/// When it cannot be written.
pub fn write_in_checkout(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || {
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(path, bytes)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// A random secret of 32 hex digits, kept in the file at `path`. The first call makes it. If two processes call at the
/// same time, both get the same one.
///
/// # Errors
/// When the file can neither be read nor made.
pub fn secret(path: &Path) -> anyhow::Result<String> {
    if !path.exists() {
        let mut random = [0; 16];
        getrandom::fill(&mut random).context("the system has no random numbers")?;
        let written = unfinished(path, hex::encode(random).as_bytes())
            .and_then(|file| Ok(file.persist_noclobber(path)?));
        match written {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(not_ours("write", path, error));
            }
            // Or another process was faster: its secret counts.
            _ => {}
        }
    }
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// `bytes` in a file that has no name yet, of mode 0600. It is in the folder of `path`: only within a file system a
/// rename is one step.
fn unfinished(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    Ok(file)
}

/// The reason why `path` of the lab could not be used as the `verb` says.
pub(crate) fn not_ours(verb: &str, path: &Path, error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::PermissionDenied => anyhow!(
            "cannot {verb} {}: it belongs to another user; if you ran the lab with sudo, take it back with: \
             sudo chown -R $USER .lab",
            path.display()
        ),
        _ => anyhow!("cannot {verb} {}: {error}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, os::unix::fs::PermissionsExt, thread};

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_can_read_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("a");
        let many: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                thread::spawn(move || secret(&path).expect("a secret"))
            })
            .collect();
        let made: BTreeSet<_> = many.into_iter().map(|one| one.join().expect("it ends")).collect();
        assert_eq!(made.len(), 1, "{made:?}");
        assert!(!made.contains(&secret(&dir.path().join("b")).expect("another secret")));
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
