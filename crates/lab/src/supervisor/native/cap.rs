//! CPU caps without Docker: a cgroup of version 2 or 1 where we may make one, `systemd-run --user` where we may not.
//!
//! Source: Linux kernel, "Control Group v2", "CPU"; "CFS Bandwidth Control"; `systemd.resource-control(5)`.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

use crate::{plan::CpuCap, project::Scenario};

/// A cap for one process and its children. Dropping it, when they have ended, removes it.
pub enum Cap {
    /// A cgroup of ours, by its directory.
    Group(PathBuf),
    /// A scope of the user's systemd, which makes it when the process starts.
    Scope(CpuCap),
}

impl Cap {
    /// Makes a place in which no more than `cap` is used. Name and checkout name the place.
    ///
    /// # Errors
    /// When this machine lets us limit nothing; says what was tried.
    pub fn prepare(scenario: &Scenario, service: &str, cap: CpuCap) -> anyhow::Result<Self> {
        let checkout = Sha256::digest(scenario.dir().as_os_str().as_encoded_bytes());
        let checkout = checkout[..4].iter().fold(String::new(), |name, byte| format!("{name}{byte:02x}"));
        let name = format!("system-design-lab-{checkout}-{service}");
        let (quota, period) = (cap.quota.as_micros(), cap.period.as_micros());
        let v2 = Path::new("/sys/fs/cgroup");
        // It may be on already, and then there is nothing to write.
        let _ = set(&v2.join("cgroup.subtree_control"), "+cpu");
        let tried = [
            group(&v2.join(&name), &[("cpu.max", format!("{quota} {period}"))]),
            group(
                &v2.join("cpu").join(&name),
                &[("cpu.cfs_period_us", period.to_string()), ("cpu.cfs_quota_us", quota.to_string())],
            ),
        ];
        let [v2, v1] = match tried {
            [Ok(dir), _] | [_, Ok(dir)] => return Ok(Self::Group(dir)),
            [Err(v2), Err(v1)] => [v2, v1],
        };
        let try_scope = Command::new("systemd-run")
            .args(["--user", "--scope", "--quiet", "true"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        match try_scope {
            Ok(status) if status.success() => Ok(Self::Scope(cap)),
            Ok(status) => {
                bail!("no cgroup version 2 ({v2}), no version 1 ({v1}), and systemd-run fails ({status})")
            }
            Err(error) => bail!("no cgroup version 2 ({v2}), no version 1 ({v1}), no systemd-run ({error})"),
        }
    }

    /// `command`, in its scope where that is made at the start.
    pub fn wrap(&self, command: Command) -> Command {
        let Self::Scope(cap) = self else { return command };
        let percent = 100.0 * cap.quota.as_secs_f64() / cap.period.as_secs_f64();
        let mut wrapped = Command::new("systemd-run");
        wrapped.args(["--user", "--scope", "--quiet", "--collect"]);
        wrapped.arg(format!("--property=CPUQuota={percent:.1}%"));
        wrapped.arg(format!("--property=CPUQuotaPeriodSec={}us", cap.period.as_micros()));
        wrapped.arg("--").arg(command.get_program()).args(command.get_args());
        for (variable, value) in command.get_envs() {
            match value {
                Some(value) => wrapped.env(variable, value),
                None => wrapped.env_remove(variable),
            };
        }
        wrapped
    }

    /// Puts `child` under the cap, with all its threads.
    ///
    /// # Errors
    /// When the kernel refuses it.
    pub fn admit(&self, child: &Child) -> anyhow::Result<()> {
        let Self::Group(dir) = self else { return Ok(()) };
        set(&dir.join("cgroup.procs"), &child.id().to_string()).context("the kernel refuses the CPU cap")
    }
}

impl Drop for Cap {
    fn drop(&mut self) {
        if let Self::Group(dir) = self {
            // The next start takes it over, if something is still in it.
            let _ = fs::remove_dir(dir);
        }
    }
}

/// A cgroup with these settings.
fn group(dir: &Path, settings: &[(&str, String)]) -> io::Result<PathBuf> {
    match fs::create_dir(dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    for (file, value) in settings {
        if let Err(error) = set(&dir.join(file), value) {
            let _ = fs::remove_dir(dir);
            return Err(error);
        }
    }
    Ok(dir.to_owned())
}

/// Writes to a file that is there. Below `/sys/fs/cgroup` may be an ordinary file system, where we could create it, and
/// nothing would come of it.
fn set(file: &Path, value: &str) -> io::Result<()> {
    File::options().write(true).open(file)?.write_all(value.as_bytes())
}
