//! Where a server of the machine keeps its files.

use std::path::PathBuf;

use pgcluster::Account;
use project::{Scenario, folders, names};

/// The directory of `service`: in `.lab`, unless we are root and the account that the server runs as cannot get
/// there (a checkout in `/root`); then below `/var/lib`. Its parent exists.
///
/// # Errors
/// When the parent cannot be created.
pub fn of(scenario: &Scenario, service: &str) -> anyhow::Result<PathBuf> {
    let ours = scenario.dir();
    match Account::for_servers(&ours.join(service))? {
        Some(account) if !account.can_enter(&ours) => {
            let dir = outside(scenario);
            let all = dir.parent().unwrap_or(&dir);
            [all, &dir].into_iter().try_for_each(folders::passage)?;
            Ok(dir.join(service))
        }
        _ => Ok(ours.join(service)),
    }
}

/// The directory of all servers of `scenario` whose accounts cannot get into `.lab`; there may be none.
pub fn outside(scenario: &Scenario) -> PathBuf {
    PathBuf::from("/var/lib/system-design-lab").join(names::machine_wide(scenario))
}
