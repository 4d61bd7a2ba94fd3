//! The locks of a scenario: one for its supervisor, one for the command that changes it.

use std::{
    fs::{File, Permissions, TryLockError},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
};

use anyhow::Context;
use process::{
    Identity,
    locks::{holder, holder_pid},
};

use crate::{Scenario, store::not_ours};

impl Scenario {
    /// Takes the scenario's lock: its holder is the supervisor. The kernel releases it when the holder ends in any way.
    /// `None` when another process holds it.
    ///
    /// # Errors
    /// When the lock file cannot be opened.
    pub fn try_lock(&self) -> anyhow::Result<Option<File>> {
        let file = self.lock_file("lock")?;
        locked(file.try_lock()).map(|got| got.then_some(file))
    }

    /// Whether a supervisor runs it now. Those who ask do not get in each other's way.
    ///
    /// # Errors
    /// When the lock file cannot be opened.
    pub fn is_up(&self) -> anyhow::Result<bool> {
        Ok(self.dir().is_dir() && !locked(self.lock_file("lock")?.try_lock_shared())?)
    }

    /// Waits until no other `lab up` changes this scenario.
    ///
    /// # Errors
    /// When the lock file cannot be opened.
    pub fn begin_change(&self) -> anyhow::Result<File> {
        let file = self.lock_file("change.lock")?;
        if !locked(file.try_lock())? {
            eprintln!(
                "another `lab up` is changing scenario {} ({}); waiting for it …",
                self.number,
                holder(&file)
            );
            file.lock().context("cannot wait for the other `lab up`")?;
        }
        Ok(file)
    }

    /// Who holds the scenario's lock, in words.
    pub fn lock_holder(&self) -> String {
        self.lock_file("lock").map_or_else(|error| format!("{error:#}"), |file| holder(&file))
    }

    /// The process that holds the scenario's lock: its supervisor, if it is up.
    pub(crate) fn lock_holder_process(&self) -> Option<Identity> {
        Identity::of(holder_pid(&self.lock_file("lock").ok()?)?)
    }

    fn lock_file(&self, name: &str) -> anyhow::Result<File> {
        let path = self.dir().join(name);
        let open = || {
            let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path)?;
            // To lock a file, it is enough to be able to read it.
            if file.metadata()?.mode() & 0o077 != 0 {
                file.set_permissions(Permissions::from_mode(0o600))?;
            }
            Ok(file)
        };
        open().map_err(|error| not_ours("open", &path, error))
    }
}

/// `false` when another process has the lock.
fn locked(attempt: Result<(), TryLockError>) -> anyhow::Result<bool> {
    match attempt {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).context("cannot lock"),
    }
}
