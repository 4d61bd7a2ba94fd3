//! CPU caps without Docker: a cgroup of version 2 or 1 where we may make one, `systemd-run --user` where we may not.
//!
//! Source: Linux kernel, "Control Group v2", "CPU"; "CFS Bandwidth Control"; `systemd.resource-control(5)`.

use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};

const WHO_MAY: &str =
    "root can cap programs, and so can you in a session that systemd started (log in, do not use `su`)";

/// A cap for one process and its children. Dropping it, when they have ended, removes it.
pub enum Cap {
    /// A cgroup of ours, by its directory.
    Group(PathBuf),
    /// A scope of the user's systemd, which makes it when the process starts.
    Scope {
        /// CPU time in each period.
        quota: Duration,
        /// Wall-clock time of a period.
        period: Duration,
    },
}

impl Cap {
    /// Makes the group `name`, whose processes together may use `quota` of CPU time in each `period`.
    ///
    /// # Errors
    /// When this machine allows no CPU caps; the message lists the attempts.
    pub fn prepare(name: &str, quota: Duration, period: Duration) -> anyhow::Result<Self> {
        let scope = Self::Scope { quota, period };
        let (quota, period) = (quota.as_micros(), period.as_micros());
        // It may be on already.
        let _ = set(&Path::new(V2).join("cgroup.subtree_control"), "+cpu");
        let v2 = match group(&Path::new(V2).join(name), &[("cpu.max", format!("{quota} {period}"))]) {
            Ok(dir) => return Ok(Self::Group(dir)),
            Err(error) => error,
        };
        let settings = [("cpu.cfs_period_us", period.to_string()), ("cpu.cfs_quota_us", quota.to_string())];
        let v1 = match group(&Path::new(V1).join(name), &settings) {
            Ok(dir) => return Ok(Self::Group(dir)),
            Err(error) => error,
        };
        let tried = format!("no cgroup version 2 ({v2}), no version 1 ({v1})");
        let try_scope = Command::new("systemd-run")
            .args(["--user", "--scope", "--quiet", "true"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        match try_scope {
            Ok(status) if status.success() => Ok(scope),
            Ok(status) => bail!("{tried}, and systemd-run fails ({status}); {WHO_MAY}"),
            Err(error) => bail!("{tried}, no systemd-run ({error}); {WHO_MAY}"),
        }
    }

    /// `command`, in its scope where that is made at the start.
    pub fn wrap(&self, command: Command) -> Command {
        let Self::Scope { quota, period } = self else { return command };
        let percent = 100.0 * quota.as_secs_f64() / period.as_secs_f64();
        let mut wrapped = Command::new("systemd-run");
        wrapped.args(["--user", "--scope", "--quiet", "--collect"]);
        wrapped.arg(format!("--property=CPUQuota={percent:.1}%"));
        wrapped.arg(format!("--property=CPUQuotaPeriodSec={}us", period.as_micros()));
        wrapped.arg("--").arg(command.get_program()).args(command.get_args());
        // Nothing of the learner's shell but what systemd-run itself needs.
        wrapped.env_clear();
        for needed in ["PATH", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"] {
            wrapped.envs(env::var_os(needed).map(|value| (needed, value)));
        }
        wrapped.envs(command.get_envs().filter_map(|(variable, value)| Some((variable, value?))));
        wrapped
    }

    /// Puts `child` under the cap, with all its threads.
    ///
    /// # Errors
    /// When the kernel refuses it, or systemd accepted the cap silently and set none: it may limit only what root
    /// has delegated to it.
    pub fn admit(&self, child: &Child) -> anyhow::Result<()> {
        match self {
            Self::Group(dir) => set(&dir.join("cgroup.procs"), &child.id().to_string())
                .context("the kernel refuses the CPU cap"),
            Self::Scope { .. } => {
                let deadline = Instant::now() + Duration::from_secs(1);
                while !is_capped(child) {
                    ensure!(Instant::now() < deadline, "systemd sets no CPU cap: cpu is not delegated to it");
                    thread::sleep(Duration::from_millis(10));
                }
                Ok(())
            }
        }
    }
}

/// Removes the groups whose names start with `prefix` and in which no process is left: their maker was killed.
pub fn sweep(prefix: &str) {
    for parent in [V2, V1] {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                // The kernel keeps one in which something runs.
                let _ = fs::remove_dir(entry.path());
            }
        }
    }
}

const V2: &str = "/sys/fs/cgroup";
const V1: &str = "/sys/fs/cgroup/cpu";

/// Whether the cgroup (version 2) of `child` has a limit.
fn is_capped(child: &Child) -> bool {
    let group = fs::read_to_string(format!("/proc/{}/cgroup", child.id())).unwrap_or_default();
    let path = group.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    let max = fs::read_to_string(Path::new(V2).join(path).join("cpu.max")).unwrap_or_default();
    !max.is_empty() && !max.starts_with("max")
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
