//! A private PostgreSQL: this crate finds PostgreSQL on the machine, creates a cluster (PostgreSQL's word for a data
//! directory), and builds the command that serves it. The caller starts that command and waits for it.
//!
//! The server listens on loopback only. It uses no Unix sockets: their paths have at most 107 bytes, and the path of a
//! checkout can be longer.

use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, chown},
    path::{Path, PathBuf},
    process::{self, Command},
};

use anyhow::{Context, bail, ensure};

mod account;
mod installation;

pub use account::Account;
pub use installation::{INSTALL, Installation};

/// A data directory and the PostgreSQL that serves it.
#[derive(Clone, Debug)]
pub struct Cluster {
    installation: Installation,
    account: Option<Account>,
    dir: PathBuf,
}

impl Cluster {
    /// Opens the cluster in `dir`, and creates it first when there is none: UTF-8, locale C (so that sorting is
    /// the same on every machine), one superuser `postgres` with `password`. About 1 s when it creates.
    ///
    /// # Errors
    /// `initdb` fails (the message has its reason), or another major version created `dir`. When the creation fails, there
    /// is no `dir` afterwards.
    pub fn open_or_create(installation: Installation, dir: &Path, password: &str) -> anyhow::Result<Self> {
        let account = Account::for_servers(dir)?;
        let cluster = Self { installation, account, dir: dir.to_owned() };
        match fs::read_to_string(dir.join("PG_VERSION")) {
            Ok(version) => ensure!(
                version.trim() == cluster.installation.major().to_string(),
                "{} was made by PostgreSQL {}, and this machine has {}: remove it with: rm -r {0}",
                dir.display(),
                version.trim(),
                cluster.installation.major(),
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => cluster.initdb(password)?,
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", dir.display())),
        }
        Ok(cluster)
    }

    /// Creates the cluster in a temporary directory, and moves it to its place when it is complete.
    fn initdb(&self, password: &str) -> anyhow::Result<()> {
        let unfinished = self.dir.with_extension("unfinished");
        let password_file = self.dir.with_extension("initdb-password");
        let result = self.initdb_into(&unfinished, &password_file, password).and_then(|()| {
            fs::rename(&unfinished, &self.dir)
                .with_context(|| format!("cannot create {}", self.dir.display()))
        });
        // Whether these exist depends on where it failed.
        let _ = fs::remove_file(&password_file);
        let _ = fs::remove_dir_all(&unfinished);
        result
    }

    fn initdb_into(&self, dir: &Path, password_file: &Path, password: &str) -> anyhow::Result<()> {
        match fs::remove_dir_all(dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", dir.display()));
            }
            _ => fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?,
        }
        // A crash may have left one. It must be a new file, which no other process has open.
        let _ = fs::remove_file(password_file);
        let file = File::options().write(true).create_new(true).mode(0o600).open(password_file);
        file.and_then(|mut file| file.write_all(password.as_bytes()))
            .with_context(|| format!("cannot write {}", password_file.display()))?;
        if let Some(account) = &self.account {
            for path in [dir, password_file] {
                chown(path, Some(account.uid), Some(account.gid))
                    .with_context(|| format!("cannot give {} to {}", path.display(), account.name))?;
            }
        }
        let output = self
            .run_as_owner(&self.installation.bin("initdb"))
            .arg("--pgdata")
            .arg(dir)
            .arg("--pwfile")
            .arg(password_file)
            .args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"])
            .arg("--no-instructions")
            .output()
            .context("cannot run initdb")?;
        if !output.status.success() {
            bail!("initdb failed: {}", cause(&String::from_utf8_lossy(&output.stderr)));
        }
        Ok(())
    }

    /// The command that serves this cluster on `127.0.0.1:port` in the foreground; `settings` are `name=value`.
    ///
    /// Signals: on TERM the server waits for its clients to disconnect, on INT it disconnects them, on QUIT it stops at
    /// once and recovers at the next start. It gets QUIT when its parent dies, so that it never outlives its parent.
    ///
    /// Source: PostgreSQL manual, "Shutting Down the Server".
    pub fn server<S: AsRef<str>>(&self, port: u16, settings: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.run_as_owner(&self.installation.bin("postgres"));
        command.arg("-D").arg(&self.dir).args(["-p", &port.to_string()]);
        // As in the official image. A cluster has those of the machine, or of the shell, that it was made in.
        command.args(["-c", "timezone=UTC", "-c", "log_timezone=UTC"]);
        for setting in settings {
            command.args(["-c", setting.as_ref()]);
        }
        // The last setting of a name counts, so that `settings` cannot make the server listen beyond loopback.
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
        // Without this, the statement of a killed client runs to its end, and commits.
        command.args(["-c", "client_connection_check_interval=1s"]);
        command
    }

    fn run_as_owner(&self, program: &Path) -> Command {
        server_command(program, "QUIT", self.account.as_ref())
    }
}

/// [`dies_with_parent`] for a server, whose environment is that of a container: its clock shows UTC, and it gets no setting
/// of the user's shell but `PATH`. (The shell of `dies_with_parent` adds `PWD`, the folder it runs in.)
pub fn server_command(program: &Path, signal: &str, account: Option<&Account>) -> Command {
    let mut command = dies_with_parent(program, signal, account);
    command.env_clear().env("TZ", "UTC").envs(env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

/// The reason why initdb failed, in one line. Around it initdb prints what it did then, and the server that it started prints
/// the time.
fn cause(output: &str) -> &str {
    let reason = |line: &'_ str| ["FATAL:", "PANIC:", "error:"].iter().any(|kind| line.contains(kind));
    let line = output.lines().find(|line| reason(line)).or(output.lines().next()).unwrap_or_default();
    line.split_once("FATAL:").or(line.split_once("PANIC:")).map_or(line, |(_, reason)| reason).trim()
}

/// A command for `program` that gets `signal` (`TERM`, `QUIT`, …) when the thread that started it ends, and runs
/// as `account` where there is one.
///
/// `setpriv` does this, because a process can request it only for itself, between fork and exec. The kernel sends nothing to
/// a process whose parent ended before it asked; the shell after it sees that it has another parent, and starts nothing.
///
/// Source: `prctl(2)`, `PR_SET_PDEATHSIG`; `setpriv(1)` of util-linux.
pub fn dies_with_parent(program: &Path, signal: &str, account: Option<&Account>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", signal]);
    if let Some(Account { uid, gid, .. }) = account {
        command.args([&format!("--reuid={uid}"), &format!("--regid={gid}"), "--clear-groups"]);
    }
    command.args(["sh", "-c", r#"[ "$PPID" = "$0" ] && exec "$@""#, &process::id().to_string()]).arg(program);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_initdb_is_one_line() {
        let full = "2026-11-27 19:06:31.929 UTC [14048] FATAL:  could not write to file \"pg_wal/x\": No space left on device\n\
                    child process exited with exit code 1\ninitdb: removing contents of data directory \"/x\"";
        assert_eq!(cause(full), "could not write to file \"pg_wal/x\": No space left on device");
        let none = "initdb: warning: a\ninitdb: error: could not create directory \"/x/base\": No space left on device\n";
        assert_eq!(
            cause(none),
            "initdb: error: could not create directory \"/x/base\": No space left on device"
        );
        assert_eq!(cause("something else\nand more"), "something else");
        assert_eq!(cause(""), "");
    }
}
