//! Where a server of the machine keeps its files, and whom it runs as. As root it would be root's files that it serves.

use std::{
    fs::File,
    os::unix::fs::{OpenOptionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use pgcluster::Account;
use project::{Scenario, folders, store};

use crate::data_dir;

/// A directory of its own, and the account that owns it.
pub struct ServerDir {
    /// The directory.
    pub dir: PathBuf,
    account: Option<Account>,
}

impl ServerDir {
    /// Creates the directory of the service `name` if it is missing, and makes the account that runs it the owner.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn prepare(scenario: &Scenario, name: &str) -> anyhow::Result<Self> {
        let dir = data_dir::of(scenario, name)?;
        let account = Account::for_servers(&dir)?;
        let place = Self { dir, account };
        place.make(&place.dir)?;
        Ok(place)
    }

    /// Makes `dir`, which belongs to the same account and is closed to all others.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(&self, dir: &Path) -> anyhow::Result<()> {
        folders::private(dir)?;
        self.give(dir)
    }

    /// Opens `file` to append to it; creates it first if it is missing. It belongs to the same account.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(&self, file: &Path) -> anyhow::Result<File> {
        let opened = File::options().create(true).append(true).mode(0o600).open(file);
        let opened = opened.with_context(|| format!("cannot write {}", file.display()))?;
        self.give(file)?;
        Ok(opened)
    }

    fn give(&self, path: &Path) -> anyhow::Result<()> {
        let Some(account) = &self.account else { return Ok(()) };
        chown(path, Some(account.uid), Some(account.gid))
            .with_context(|| format!("cannot give {} to {}", path.display(), account.name))
    }

    /// Writes a file there in one step; only the account can read it. Returns its path.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> anyhow::Result<PathBuf> {
        let path = self.dir.join(name);
        let owner = self.account.as_ref().map(|account| (account.uid, account.gid));
        store::write_for(&path, bytes.as_ref(), owner)?;
        Ok(path)
    }

    /// A command for `program` in this place, which gets TERM when we end.
    pub fn command(&self, program: &Path) -> Command {
        pgcluster::server_command(program, "TERM", self.account.as_ref())
    }
}
