//! Files that the lab keeps: written in one step, so that a reader sees the old file or the new one, never half of it.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::fchown,
    path::Path,
};

use anyhow::anyhow;
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
        // Made with mode 0600, in the same folder: only within a file system a rename is one step.
        let mut file = NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(bytes)?;
        if let Some((user, group)) = owner {
            fchown(file.as_file(), Some(user), Some(group))?;
        }
        file.persist(path).map_err(|error| error.error)
    };
    written().map(drop).map_err(|error| not_ours("write", path, error))
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
