//! The real scenarios of this checkout: what `lab load` names as their bottleneck, and how near `lab predict` comes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tempfile::TempDir;

/// Two that measure at the same time would measure each other.
static TURN: Mutex<()> = Mutex::new(());

/// Scenarios with data, ports and processes of their own.
struct Lab {
    dir: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Lab {
    fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let permissions = fs::Permissions::from_mode(0o755);
        let dir =
            tempfile::Builder::new().prefix("lab-evidence-").permissions(permissions).tempdir().unwrap();
        Self { dir, _turn: turn }
    }

    fn lab(&self, arguments: &[&str]) -> Output {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
        lab.args(arguments).current_dir(root).env("LAB_DIR", self.dir.path()).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.lab(&[arguments, &["--json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        // Where a load test must not be believed, its report says so.
        assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {said}");
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {said}"))
    }

    fn up(&self, scenario: &str, variant: &str) {
        self.json(&["up", scenario, "--variant", variant, "--no-watch"]);
    }

    fn load(&self, more: &[&str]) -> Value {
        self.json(&[&["load", "--duration", "5s"], more].concat())
    }

    /// Loads, and holds the bottleneck against those that it can be.
    fn expect(&self, kinds: &[&str], more: &[&str]) {
        let report = self.load(more);
        let bottleneck = &report["spent"]["bottleneck"];
        let kind = bottleneck["kind"].as_str().unwrap();
        assert!(kinds.contains(&kind), "{kinds:?}: {bottleneck:#}\n{:#}", report["spent"]);
        assert!(bottleneck["sentence"].as_str().unwrap().ends_with('.'));
    }

    /// Measures the starter, predicts from that what the solution will do, and demands that it does so within 15 %.
    fn agree(&self, scenario: &str) {
        for attempt in 1..=3 {
            self.up(scenario, "starter");
            let from = self.load(&[])["run_id"].clone();
            self.up(scenario, "solution");
            let forecast = self.json(&["predict", "--run", from.as_str().unwrap()]);
            let predicted = forecast["simulated"]["ok_per_s"].as_f64().unwrap();
            let report = self.load(&[]);
            let measured = report["ok_per_s"].as_f64().unwrap();
            assert_eq!(report["predicted"]["simulated_per_s"].as_f64(), Some(predicted));
            let ratio = predicted / measured;
            eprintln!("predicted {predicted:.1}, measured {measured:.1} per second: {ratio:.3}");
            if (0.85..=1.15).contains(&ratio) {
                return;
            }
            // A machine has bad moments; what is wrong with a prediction is wrong each time.
            assert!(attempt < 3, "predicted {predicted}, measured {measured}: {ratio}");
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.lab(&["down", "--all"]);
    }
}

#[test]
fn a_feed_runs_out_of_connections_then_of_postgresqls_cpu_then_of_the_machines() {
    let lab = Lab::new();
    lab.up("1", "starter");
    lab.expect(&["connections"], &[]);
    lab.up("1", "solution");
    lab.expect(&["database"], &[]);
    lab.json(&["apply-fix"]);
    // Which of these two comes first is up to the machine.
    lab.expect(&["machine", "program", "generator"], &[]);
}

#[test]
fn jobs_wait_for_a_small_pool_and_what_a_larger_one_brings_is_predicted() {
    let lab = Lab::new();
    lab.up("3", "starter");
    lab.expect(&["pool"], &[]);
    lab.agree("3");
}

#[test]
fn a_capped_server_is_its_own_bottleneck_and_what_a_second_one_brings_is_predicted() {
    let lab = Lab::new();
    lab.up("4", "starter");
    lab.expect(&["database"], &["--only", "report", "--users", "4"]);
    lab.expect(&["program"], &[]);
    lab.agree("4");
}
