//! Where a server of the machine keeps its files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use pgcluster::Account;
use project::{Scenario, container, folders, names, starter::sum, store};

/// The directory of `service`: in `.lab`, or below `/var/lib` where `.lab` cannot be used. That is so when we are root and
/// the account that the server runs as cannot get there (a checkout in `/root`), and in the lab's own container, where
/// `.lab` is a folder of the host: slow, and PostgreSQL needs owners and modes that such a folder may not keep. Its parent
/// exists.
///
/// # Errors
/// When the parent cannot be created.
pub fn of(scenario: &Scenario, service: &str) -> anyhow::Result<PathBuf> {
    let ours = scenario.dir();
    let account = Account::for_servers(&ours.join(service))?;
    if !container::is_here() && account.is_none_or(|account| account.can_enter(&ours)) {
        return Ok(ours.join(service));
    }
    let dir = outside(scenario);
    remove_of_another_checkout(scenario, &dir)?;
    let all = dir.parent().unwrap_or(&dir);
    [all, &dir].into_iter().try_for_each(folders::passage)?;
    store::write(&dir.join(CHECKOUT), id(scenario)?.as_bytes())?;
    Ok(dir.join(service))
}

/// File in the directory of all servers: the id of the checkout that made it.
const CHECKOUT: &str = "checkout";

/// When a user deletes a checkout, this directory stays. A new checkout at the same path has other passwords, and must not
/// start with the old data.
fn remove_of_another_checkout(scenario: &Scenario, dir: &Path) -> anyhow::Result<()> {
    match fs::read_to_string(dir.join(CHECKOUT)) {
        Ok(made_by) if made_by != id(scenario)? => {
            fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))
        }
        // A directory without this file is new, or an earlier version of the lab made it.
        _ => Ok(()),
    }
}

/// The id of a checkout: it stays the same until the checkout is deleted.
fn id(scenario: &Scenario) -> anyhow::Result<String> {
    Ok(sum(scenario.password("superuser")?.as_bytes()))
}

/// The directory of all servers of `scenario` that cannot use `.lab`; there may be none.
pub fn outside(scenario: &Scenario) -> PathBuf {
    PathBuf::from("/var/lib/system-design-lab").join(names::machine_wide(scenario))
}
