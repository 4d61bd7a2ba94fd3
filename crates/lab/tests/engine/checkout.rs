//! A checkout for one test.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::fs::{StatVfsMountFlags, statvfs};
use serde_json::Value;
use tempfile::TempDir;

/// Outside the scenarios' ports and the kernel's range for clients.
static NEXT_PORT: AtomicU16 = AtomicU16::new(21_000);

pub struct Checkout {
    dir: TempDir,
    pub app_port: u16,
    pub db_port: u16,
}

impl Checkout {
    /// One with the fixture's files.
    pub fn new() -> Self {
        let checkout = Self::empty();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checkout"), checkout.dir.path());
        for number in [1, 2] {
            checkout.write_starter(number, &[]);
        }
        checkout
    }

    /// The sums of what a learner finds.
    pub fn write_starter(&self, number: u8, more: &[&str]) {
        let files = ["crates/app/src/main.rs", &format!("compose/scenario-{number}.yml")];
        let sums = Command::new("sha256sum").args(files).args(more).current_dir(&self.dir).output().unwrap();
        self.write(&format!("docs/scenario-{number}/starter.sha256"), &sums.stdout);
    }

    pub fn empty() -> Self {
        // If we are root, PostgreSQL runs as another user, who must be able to read this folder.
        let dir = tempfile::Builder::new()
            .prefix("lab-test-")
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir_in(temporary_folder())
            .unwrap();
        let port = NEXT_PORT.fetch_add(10, Ordering::Relaxed) + (std::process::id() % 1_000) as u16 * 10;
        Self { dir, app_port: port, db_port: port + 5 }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub fn write(&self, path: &str, content: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Copies a file or folder to `path`, where there must be none yet.
    pub fn add(&self, from: &Path, path: &str) {
        let path = self.path(path);
        assert!(!path.exists(), "{} exists", path.display());
        if from.is_dir() {
            copy(from, &path);
        } else {
            fs::copy(from, path).unwrap();
        }
    }

    /// `lab` in this checkout.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env("APP_PORT", self.app_port.to_string())
            .env("DB_PORT", self.db_port.to_string())
            .env("APP2_PORT", self.app2_port().to_string())
            .env("NGINX_PORT", self.nginx_port().to_string())
            .env("CARGO_TARGET_DIR", self.path("target"))
            .env_remove("LAB_DIR");
        command
    }

    pub fn lab(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs `lab --json` and demands success.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments).arg("--json").output().unwrap();
        assert!(output.status.success(), "lab {arguments:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The summary of a load test. On a busy machine its run is invalid, which is exit 3, and saved all the same.
    pub fn load(&self, arguments: &[&str]) -> Value {
        let output = self.command(&["load", "--json"]).args(arguments).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 3)), "lab load {arguments:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn up(&self) -> Value {
        self.json(&["up", "1"])
    }

    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let path = self.path(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    pub fn nginx_port(&self) -> u16 {
        self.app_port + 4
    }

    pub fn app2_port(&self) -> u16 {
        self.app_port + 2
    }

    /// The service's answer; `None` if it does not answer.
    pub fn word(&self) -> Option<String> {
        self.get(self.app_port, "/")
    }

    /// The answer on a port; `None` if there is none.
    pub fn get(&self, port: u16, path: &str) -> Option<String> {
        let endpoint = loadgen::Endpoint::get(path);
        let answer = loadgen::fetch(&format!("127.0.0.1:{port}"), &endpoint, Duration::from_secs(1)).ok()?;
        String::from_utf8(answer.body).ok()
    }

    /// The command line of every process that belongs to this checkout.
    pub fn processes(&self) -> Vec<String> {
        self.running().into_iter().map(|(_, command)| command).collect()
    }

    /// The folder in `/proc` of each of them.
    pub fn process_dirs(&self) -> Vec<PathBuf> {
        self.running().into_iter().map(|(dir, _)| dir).collect()
    }

    /// Those whose command line contains the path of this checkout, or whose working directory is there.
    fn running(&self) -> Vec<(PathBuf, String)> {
        let ours = self.dir.path().to_str().unwrap();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let command = fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
            let cwd = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
            if !command.is_empty() && (command.contains(ours) || cwd.starts_with(ours)) {
                found.push((entry.path(), command.replace('\0', " ")));
            }
        }
        found
    }

    pub fn assert_nothing_is_left(&self) {
        let left = self.processes();
        assert!(left.is_empty(), "{left:#?}");
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        self.lab(&["down", "--all"]);
    }
}

/// Memory, where there is enough: PostgreSQL makes a thousand files per checkout, which a disk takes much longer for.
fn temporary_folder() -> PathBuf {
    const ENOUGH_BYTES: u64 = 4 << 30;
    let memory = PathBuf::from("/dev/shm");
    let is_usable = statvfs(&memory).is_ok_and(|folder| {
        folder.f_bavail * folder.f_frsize >= ENOUGH_BYTES
            && !folder.f_flag.contains(StatVfsMountFlags::NOEXEC)
    });
    if is_usable { memory } else { env::temp_dir() }
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits for something that must come true within `limit`; how long it took.
pub fn within(limit: Duration, what: &str, mut is_true: impl FnMut() -> bool) -> Duration {
    let started = Instant::now();
    while !is_true() {
        assert!(started.elapsed() < limit, "not within {limit:?}: {what}");
        sleep(Duration::from_millis(20));
    }
    started.elapsed()
}

pub fn quiet(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

pub fn signal(name: &str, pid: impl ToString) {
    let status = Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap();
    assert!(status.success());
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            drop(fs::copy(entry.path(), target))
        }
    }
}
