//! The account of a server: PostgreSQL refuses to run as root, and other servers should not.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Context;

/// An unprivileged account of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// As in `/etc/passwd`.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Id of its first group.
    pub gid: u32,
}

impl Account {
    /// The account for servers whose data is in `dir`. `None` when this process is not root. Otherwise the owner of `dir`,
    /// if it exists and is not root; otherwise `postgres`, or `nobody` where there is no such user.
    ///
    /// # Errors
    /// This process is root, and the machine has neither account.
    pub fn for_servers(dir: &Path) -> anyhow::Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        if let Some(owner) = fs::metadata(dir).ok().filter(|dir| dir.uid() != 0) {
            let (uid, gid) = (owner.uid(), owner.gid());
            return Ok(Some(Self { name: format!("user {uid}"), uid, gid }));
        }
        let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| find(&passwd, name))
            .context("servers do not run as root here, and there is neither a user `postgres` nor `nobody`")
            .map(Some)
    }

    /// Whether this account can enter `dir`. A parent directory of mode 0700 prevents it.
    pub fn can_enter(&self, dir: &Path) -> bool {
        Command::new("setpriv")
            .args([&format!("--reuid={}", self.uid), &format!("--regid={}", self.gid), "--clear-groups"])
            .args(["test", "-x"])
            .arg(dir)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// The account `name` in the text of `/etc/passwd` (`name:x:uid:gid:…`).
fn find(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Account { name: name.to_owned(), uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/bash\npostgres2:x:7:8::/:\npostgres:x:101:104:,,,:/var:/bin/sh\n";
        assert_eq!(
            find(passwd, "postgres"),
            Some(Account { name: "postgres".to_owned(), uid: 101, gid: 104 })
        );
        assert_eq!(find(passwd, "nobody"), None);
    }
}
