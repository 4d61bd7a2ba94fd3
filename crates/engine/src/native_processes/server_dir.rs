//! Where a server of the machine keeps its files, and whom it runs as. As root it would be root's files that it serves.

use std::{
    fs::{self, File},
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use pgcluster::Account;
use project::Scenario;

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

    /// Makes `dir`, which belongs to the same account.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(&self, dir: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        self.give(dir)
    }

    /// Opens `file` to append to it; creates it first if it is missing. It belongs to the same account.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(&self, file: &Path) -> anyhow::Result<File> {
        let opened = File::options().create(true).append(true).open(file);
        let opened = opened.with_context(|| format!("cannot write {}", file.display()))?;
        self.give(file)?;
        Ok(opened)
    }

    fn give(&self, path: &Path) -> anyhow::Result<()> {
        let Some(account) = &self.account else { return Ok(()) };
        chown(path, Some(account.uid), Some(account.gid))
            .with_context(|| format!("cannot give {} to {}", path.display(), account.name))
    }

    /// A command for `program` in this place, which gets TERM when we end.
    pub fn command(&self, program: &Path) -> Command {
        pgcluster::dies_with_parent(program, "TERM", self.account.as_ref())
    }
}
