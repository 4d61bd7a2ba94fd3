//! How long the kernel held this process back because its cgroup had used up its CPU quota.
//!
//! Source: Linux kernel, "Control Group v2", "CPU"; "CFS Bandwidth Control", "Statistics".

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Where systems mount version 2, and the `cpu` controller of version 1.
const V2: &str = "/sys/fs/cgroup";
const V1: &str = "/sys/fs/cgroup/cpu";

/// Time for which this process was held back so far, of all quotas that apply to it; 0 where there is none.
///
/// The kernel adds up what it counts on each CPU, so the sum can grow faster than time passes.
pub(crate) fn throttled() -> Duration {
    let membership = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    groups(&membership).iter().map(|group| throttled_in(group)).sum()
}

/// The `cpu.stat` of each group that limits a process with this `/proc/self/cgroup`: its own and those above it.
fn groups(membership: &str) -> Vec<PathBuf> {
    let line = |line: &str| {
        // `1:cpu,cpuacct:/path` in version 1, `0::/path` in version 2.
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        let mount = match controllers {
            "" => V2,
            _ if controllers.split(',').any(|controller| controller == "cpu") => V1,
            _ => return None,
        };
        let path = Path::new(path.trim_start_matches('/'));
        Some(path.ancestors().map(|group| Path::new(mount).join(group).join("cpu.stat")).collect::<Vec<_>>())
    };
    membership.lines().filter_map(line).flatten().collect()
}

/// A group that is not visible here, as those above a container are, counts as none.
fn throttled_in(stat: &Path) -> Duration {
    throttled_time(&fs::read_to_string(stat).unwrap_or_default())
}

/// `throttled_usec 12` of version 2, or `throttled_time 12000` (nanoseconds) of version 1.
fn throttled_time(stat: &str) -> Duration {
    let value = |name: &str| -> Option<u64> {
        stat.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    };
    let v2 = value("throttled_usec ").map(Duration::from_micros);
    v2.or_else(|| value("throttled_time ").map(Duration::from_nanos)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_versions_tell_how_long_a_group_was_throttled() {
        let v1 = "nr_periods 121\nnr_throttled 121\nthrottled_time 9800777709\nnr_bursts 0\nburst_time 0\n";
        let v2 =
            "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 9\nnr_throttled 4\nthrottled_usec 70500\n";
        assert_eq!(throttled_time(v1), Duration::from_nanos(9_800_777_709));
        assert_eq!(throttled_time(v2), Duration::from_micros(70_500));
        assert_eq!(throttled_time("usage_usec 5\n"), Duration::ZERO, "a root group has no quota");
    }

    #[test]
    fn a_quota_of_a_group_above_counts_as_well() {
        let paths =
            |membership| groups(membership).iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        assert_eq!(
            paths("0::/user.slice/lab\n"),
            [
                "/sys/fs/cgroup/user.slice/lab/cpu.stat",
                "/sys/fs/cgroup/user.slice/cpu.stat",
                "/sys/fs/cgroup/cpu.stat"
            ]
        );
        assert_eq!(
            paths("8:pids:/\n4:cpu,cpuacct:/lab\n2:cpuset:/\n"),
            ["/sys/fs/cgroup/cpu/lab/cpu.stat", "/sys/fs/cgroup/cpu/cpu.stat"]
        );
    }

    proptest! {
        #[test]
        fn strange_text_is_no_throttling_and_no_panic(text in "(throttled_usec |throttled_time |0::/|1:cpu:|[^x]){0,20}") {
            throttled_time(&text);
            groups(&text);
        }
    }
}
