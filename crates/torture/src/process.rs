//! A process of this machine, which keeps its identity when its number is used again.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, Signal, kill_process};

/// A process: its number, and when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    pub pid: i32,
    pub start_ticks: u64,
}

impl Process {
    /// The process that has this number now; `None` if no process has it, or only one that has ended (a zombie).
    pub fn of(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // After the name, which may hold anything: the state is field 3, the start is field 22.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        (fields.next()? != "Z").then_some(())?;
        Some(Self { pid, start_ticks: fields.nth(18)?.parse().ok()? })
    }

    /// All processes.
    pub fn all() -> impl Iterator<Item = Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries.filter_map(|entry| Self::of(entry.file_name().to_str()?.parse().ok()?))
    }

    /// Those whose command line names `dir` or a file in it, or that work there.
    pub fn all_in(dir: &Path) -> Vec<Self> {
        let name = dir.to_string_lossy();
        Self::all().filter(|each| each.is_in(dir) || each.command().contains(&*name)).collect()
    }

    fn is_in(self, dir: &Path) -> bool {
        fs::read_link(self.path("cwd")).is_ok_and(|cwd| cwd.starts_with(dir))
    }

    /// Its command line, with blanks between the arguments.
    pub fn command(self) -> String {
        String::from_utf8_lossy(&fs::read(self.path("cmdline")).unwrap_or_default()).replace('\0', " ")
    }

    /// It and all that it has started, directly or not.
    pub fn family(self) -> Vec<Self> {
        let list = fs::read_to_string(self.path(&format!("task/{}/children", self.pid))).unwrap_or_default();
        let children = list.split_whitespace().filter_map(|pid| Self::of(pid.parse().ok()?));
        let below = children.flat_map(Self::family);
        [self].into_iter().chain(below).collect()
    }

    pub fn is_alive(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// Sends a signal. It may have ended already.
    pub fn signal(self, signal: Signal) {
        if let (Some(pid), true) = (Pid::from_raw(self.pid), self.is_alive()) {
            let _ = kill_process(pid, signal);
        }
    }

    /// A file of `/proc` about it.
    pub fn path(self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.pid))
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.pid, self.command().trim())
    }
}
