//! The lab, with data, ports and processes of its own.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tempfile::TempDir;

/// Two that measure at the same time would measure each other.
static TURN: Mutex<()> = Mutex::new(());

/// Every process that it started ends with it.
pub struct Lab {
    /// What the lab keeps.
    pub dir: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Lab {
    /// Waits for its turn.
    pub fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        // PostgreSQL may run as another user.
        let permissions = fs::Permissions::from_mode(0o755);
        let dir = tempfile::Builder::new().prefix("lab-real-").permissions(permissions).tempdir().unwrap();
        Self { dir, _turn: turn }
    }

    /// The checkout.
    pub fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    /// `lab`.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.args(arguments).current_dir(Self::root()).env("LAB_DIR", self.dir.path());
        lab
    }

    /// Runs `lab`.
    pub fn lab(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs `lab --json`. An invalid load test (exit code 3) is accepted: its report contains the reason.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.lab(&[arguments, &["--json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {said}");
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {said}"))
    }

    /// Starts `variant` of a scenario, with its dashboards.
    pub fn up(&self, scenario: &str, variant: &str) {
        self.json(&["up", scenario, "--variant", variant, "--no-watch"]);
    }

    /// The service in `lab status`; `None` if it has none of that name.
    pub fn service(&self, name: &str) -> Option<Value> {
        let status = self.json(&["status"]);
        status["services"].as_array().unwrap().iter().find(|service| service["name"] == name).cloned()
    }

    /// Where it answers, as `127.0.0.1:3000`.
    pub fn address(&self, name: &str) -> Option<String> {
        Some(self.service(name)?["url"].as_str()?.trim_start_matches("http://").to_owned())
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.lab(&["down", "--all"]);
    }
}
