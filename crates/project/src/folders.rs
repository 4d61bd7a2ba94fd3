//! The folders that the lab keeps its files in. Other users of the machine can neither list nor read them.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::Path,
};

use rustix::process::geteuid;

use crate::store::not_ours;

/// Makes `dir`, and the folders above it that are missing, and closes it to all other users, also if it exists.
///
/// # Errors
/// When it cannot be made, or belongs to another user.
pub fn private(dir: &Path) -> anyhow::Result<()> {
    make(dir, 0o700).map_err(|error| not_ours("create", dir, error))
}

/// Makes `dir` like [`private`]. If we are root, the accounts of our servers can pass it to reach their own folders, but
/// cannot list it.
///
/// # Errors
/// When it cannot be made, or belongs to another user.
pub fn passage(dir: &Path) -> anyhow::Result<()> {
    let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
    make(dir, mode).map_err(|error| not_ours("create", dir, error))
}

/// Closes what lies in `dir` and belongs to us to all other users: an earlier version of the lab left it open.
///
/// # Errors
/// When it cannot be closed.
pub fn close_content(dir: &Path) -> anyhow::Result<()> {
    let close = || {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            // Of the entry itself: a link leads to a file that is not the lab's. A server's folder has another owner.
            match entry.metadata() {
                Ok(found) if found.uid() == geteuid().as_raw() && !found.is_symlink() => {
                    let mode = if found.is_dir() { 0o700 } else { 0o600 };
                    set_mode(&entry.path(), &found, mode)?;
                }
                // A command that runs at the same time may have removed it.
                _ => {}
            }
        }
        Ok(())
    };
    close().map_err(|error| not_ours("close", dir, error))
}

fn make(dir: &Path, mode: u32) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(mode).create(dir)?;
    set_mode(dir, &fs::metadata(dir)?, mode)
}

fn set_mode(path: &Path, found: &fs::Metadata, mode: u32) -> io::Result<()> {
    if found.mode() & 0o777 == mode {
        return Ok(());
    }
    match fs::set_permissions(path, Permissions::from_mode(mode)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        set => set,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn new_and_old_folders_are_closed_and_a_passage_is_not_listed() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("old"), dir.path().join("a/b"));
        fs::create_dir(&old).unwrap();
        fs::set_permissions(&old, Permissions::from_mode(0o755)).unwrap();
        for folder in [&old, &new] {
            private(folder).unwrap();
            assert_eq!(mode(folder), 0o700);
            passage(folder).unwrap();
            assert_eq!(mode(folder), if geteuid().is_root() { 0o711 } else { 0o700 });
        }
    }

    #[test]
    fn what_an_earlier_version_left_open_is_closed_and_the_target_of_a_link_is_not_touched() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (file, folder, target) =
            (dir.path().join("file"), dir.path().join("folder"), other.path().join("target"));
        fs::create_dir(&folder).unwrap();
        for (path, open) in [(&file, 0o644), (&folder, 0o755), (&target, 0o644)] {
            if path != &folder {
                fs::write(path, "").unwrap();
            }
            fs::set_permissions(path, Permissions::from_mode(open)).unwrap();
        }
        std::os::unix::fs::symlink(&target, dir.path().join("link")).unwrap();
        close_content(dir.path()).unwrap();
        assert_eq!([&file, &folder, &target].map(|path| mode(path)), [0o600, 0o700, 0o644]);
    }
}
