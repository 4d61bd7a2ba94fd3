//! The PostgreSQL that is installed on this machine.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;

/// The command that installs PostgreSQL on Debian and Ubuntu.
pub const INSTALL: &str = "apt-get install --yes postgresql";

/// Older ones lack `client_connection_check_interval`.
const OLDEST_MAJOR: u32 = 14;

/// The programs of one PostgreSQL version.
#[derive(Clone, Debug)]
pub struct Installation {
    bin_dir: PathBuf,
    major: u32,
}

impl Installation {
    /// The newest PostgreSQL on this machine, in the directories of Debian's packages or in `PATH`.
    ///
    /// # Errors
    /// None is installed, or only one that is too old. The message has the command that installs it.
    pub fn find() -> anyhow::Result<Self> {
        // Debian keeps servers off the PATH, one directory per version.
        let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let path = env::var_os("PATH").unwrap_or_default();
        debian
            .map(|version| version.path().join("bin"))
            .chain(env::split_paths(&path))
            .filter_map(|bin_dir| Some(Self { major: major_of(&bin_dir)?, bin_dir }))
            .filter(|found| found.major >= OLDEST_MAJOR)
            // The first of the newest: a directory in PATH may have links to only some of its programs.
            .reduce(|best, found| if found.major > best.major { found } else { best })
            .with_context(|| {
                format!(
                    "PostgreSQL {OLDEST_MAJOR} or newer is not installed; install it with: sudo {INSTALL}"
                )
            })
    }

    /// The path of one of its programs: `initdb`, `postgres`, `psql`, `pgbench`.
    pub fn bin(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }

    /// One of its client programs, without the settings of the user's shell (`PGSSLMODE`, `PGHOSTADDR`, …): they would send
    /// it elsewhere, or refuse our server.
    pub fn client(&self, name: &str) -> Command {
        let mut command = Command::new(self.bin(name));
        for (name, _) in env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        command
    }

    /// Whether the library `name` is installed, for `shared_preload_libraries`: some systems have contrib in a package of
    /// its own. A server whose settings name a missing library does not start.
    pub fn has_library(&self, name: &str) -> bool {
        let lib = |dir| self.bin_dir.join("..").join(dir).join(format!("{name}.so"));
        // Debian's and a source build's; a source build's under a shared prefix; Fedora's.
        ["lib", "lib/postgresql", "lib64/pgsql"].into_iter().any(|dir| lib(dir).exists())
    }

    /// Its major version, for example 15.
    pub fn major(&self) -> u32 {
        self.major
    }
}

/// `None` when `initdb` or `postgres` in that directory does not run.
fn major_of(bin_dir: &Path) -> Option<u32> {
    let version = |program| Command::new(bin_dir.join(program)).arg("--version").output().ok();
    let output = version("postgres")?;
    version("initdb")?.status.success().then_some(())?;
    parse_major(&String::from_utf8_lossy(&output.stdout))
}

/// 15 in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL) ")?.1;
    number[..number.find(|c: char| !c.is_ascii_digit())?].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installed_libraries_are_found_and_others_are_not() {
        // Part of PostgreSQL proper, so that it is wherever libraries are.
        let Ok(found) = Installation::find() else {
            return eprintln!("skipped: there is no PostgreSQL here");
        };
        assert!(found.has_library("plpgsql"));
        assert!(!found.has_library("no_such_library"));
    }

    #[test]
    fn the_major_version_is_read_from_releases_and_betas() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_major("cannot execute"), None);
    }
}
