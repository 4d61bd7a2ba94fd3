//! CPU caps without Docker: a cgroup of version 2 or 1 where we may make one, `systemd-run --user` where we may not.
//!
//! Source: Linux kernel, "Control Group v2", "CPU"; "CFS Bandwidth Control"; `systemd.resource-control(5)`.

use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
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

/// Caps a process of our own for a moment.
///
/// # Errors
/// When this machine allows no CPU caps; the message lists the attempts.
pub fn try_out() -> anyhow::Result<()> {
    let name = format!("system-design-lab-trial-{}", process::id());
    let cap = Cap::prepare(&name, Duration::from_millis(10), Duration::from_millis(100))?;
    let mut sleep = Command::new("sleep");
    sleep.arg("5");
    let mut child = cap.wrap(sleep).stdin(Stdio::null()).spawn().context("cannot start sleep")?;
    let admitted = cap.admit(&child);
    let ended = child.kill().and_then(|()| child.wait());
    admitted.and(ended.map(drop).context("cannot end sleep"))
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

/// What the kernel counted of a CPU quota: the periods in which something ran under it, and those in which it stopped
/// that.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Periods {
    /// All of them.
    pub all: u64,
    /// Those in which the quota was used up.
    pub throttled: u64,
}

impl Periods {
    /// Those of the quota that stopped the process `pid` most, set by the lab or by others; none where there is no quota.
    pub fn of(pid: u32) -> Self {
        let membership = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
        let stats = stats(&membership).into_iter().filter_map(|stat| fs::read_to_string(stat).ok());
        stats.map(|stat| Self::parse(&stat)).max_by_key(|periods| periods.throttled).unwrap_or_default()
    }

    /// Share of the periods since `before` in which the quota was used up, 0 to 1.
    pub fn throttled_since(self, before: Self) -> f64 {
        let throttled = self.throttled.saturating_sub(before.throttled) as f64;
        throttled / self.all.saturating_sub(before.all).max(1) as f64
    }

    fn parse(stat: &str) -> Self {
        let value = |name: &str| stat.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        let value = |name| value(name).unwrap_or_default();
        Self { all: value("nr_periods "), throttled: value("nr_throttled ") }
    }
}

/// The `cpu.stat` of each group that limits a process with this `/proc/pid/cgroup`: its own and those above it.
fn stats(membership: &str) -> Vec<PathBuf> {
    let of_line = |line: &str| {
        // `1:cpu,cpuacct:/path` in version 1, `0::/path` in version 2.
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        let is_cpu = controllers.split(',').any(|controller| controller == "cpu");
        let mount = if controllers.is_empty() { V2 } else { Some(V1).filter(|_| is_cpu)? };
        let groups = Path::new(path.trim_start_matches('/')).ancestors();
        Some(groups.map(|group| Path::new(mount).join(group).join("cpu.stat")).collect::<Vec<_>>())
    };
    membership.lines().filter_map(of_line).flatten().collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_throttled_periods_is_that_since_the_first_look() {
        let before = Periods::parse("nr_periods 100\nnr_throttled 10\nthrottled_time 9800777709\n");
        let after = Periods::parse("usage_usec 5\nnr_periods 140\nnr_throttled 40\nthrottled_usec 70500\n");
        assert_eq!(after.throttled_since(before), 0.75);
        assert_eq!(Periods::parse("usage_usec 5\n").throttled_since(Periods::default()), 0.0);
    }

    #[test]
    fn the_quotas_of_a_process_are_its_groups_and_those_above() {
        let paths: Vec<_> = stats("9:memory:/x\n3:cpu,cpuacct:/a/b\n0::/c\n")
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        assert_eq!(
            paths,
            [
                "/sys/fs/cgroup/cpu/a/b/cpu.stat",
                "/sys/fs/cgroup/cpu/a/cpu.stat",
                "/sys/fs/cgroup/cpu/cpu.stat",
                "/sys/fs/cgroup/c/cpu.stat",
                "/sys/fs/cgroup/cpu.stat",
            ]
        );
    }
}
