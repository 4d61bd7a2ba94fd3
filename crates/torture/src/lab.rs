//! The lab, in a checkout of its own: the developer's files, data and ports are not touched.

use std::{
    env, fs,
    net::SocketAddr,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{self, Child, ChildStdin, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::Value;

use crate::{process::Process, program::built};

/// What the lab reads of a checkout.
const FOLDERS: [&str; 5] = ["compose", "crates", "dashboards", "db", "docs"];

/// A copy of this checkout below its `target`. There is no `Cargo.toml` in it: cargo looks for one in the folders above, and
/// so the programs of this checkout are used as they are built.
///
/// Dropping it stops everything that it started, and removes it. So does the end of this program, however it ends.
pub struct Lab {
    root: PathBuf,
    janitor: Child,
    janitor_waits: Option<ChildStdin>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Lab {
    /// # Panics
    /// When files cannot be copied.
    pub fn new() -> Self {
        Self::below("")
    }

    /// The same in a folder with `name` in its path, which may have several parts.
    pub fn below(name: &str) -> Self {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let checkout = checkout.canonicalize().expect("this checkout is where it was built");
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let top = checkout.join(format!("target/torture/{}-{number}", process::id()));
        let root = top.join(name);
        fs::create_dir_all(&root).expect("target can be written");
        let mut janitor = janitor(&top, &root);
        let janitor_waits = janitor.stdin.take();
        let lab = Self { root, janitor, janitor_waits };
        for folder in FOLDERS {
            let copied =
                Command::new("cp").arg("-R").arg(checkout.join(folder)).arg(lab.path(folder)).status();
            assert!(copied.is_ok_and(|status| status.success()), "cannot copy {folder}");
        }
        fs::create_dir(lab.path("tmp")).expect("it can be written");
        lab
    }

    /// A file or folder of the copy.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The text of a file of the copy.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a file of the copy.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        let written =
            fs::create_dir_all(path.parent().unwrap_or(&path)).and_then(|()| fs::write(&path, text));
        written.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// A command of the lab in the copy, without Docker, and with small data.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(built("lab"));
        command.args(arguments);
        self.in_copy(&mut command);
        command
    }

    /// Gives `command` the folder and the environment of the lab's commands here.
    pub fn in_copy(&self, command: &mut Command) {
        command
            .current_dir(&self.root)
            .envs([("LAB_ENGINE", "native"), ("POSTS", "500"), ("TASKS", "500"), ("JOBS", "500")])
            .env("TMPDIR", self.path("tmp"))
            .env_remove("LAB_DIR")
            .stdin(Stdio::null());
    }

    /// Runs a command of the lab, with whatever result.
    pub fn try_run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap_or_else(|error| panic!("cannot start the lab: {error}"))
    }

    /// Runs a command of the lab, and returns what it prints.
    ///
    /// # Panics
    /// When it fails, with its own words.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.try_run(arguments);
        assert!(output.status.success(), "lab {}: {}", arguments.join(" "), said(&output));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Starts a scenario: the lesson's program, and neither page nor Prometheus.
    pub fn up(&self, scenario: &str) -> String {
        self.run(&["up", scenario, "--no-watch", "--no-dashboard"])
    }

    /// What `lab status` says of the services of the scenario that was started last.
    pub fn services(&self) -> Vec<Value> {
        let status: Value =
            serde_json::from_str(&self.run(&["status", "--json"])).expect("the status is JSON");
        status["services"].as_array().expect("the status has services").clone()
    }

    /// What `lab status` says of one service.
    pub fn service(&self, name: &str) -> Value {
        let services = self.services();
        let found = services.into_iter().find(|service| service["name"] == name);
        found.unwrap_or_else(|| panic!("the status has no service {name}"))
    }

    /// Where a service listens.
    pub fn address(&self, name: &str) -> SocketAddr {
        let service = self.service(name);
        let address = service["url"].as_str().and_then(|url| url.rsplit('/').next()?.parse().ok());
        address.unwrap_or_else(|| panic!("{name} listens nowhere: {service}"))
    }

    /// The process of a service, or `supervisor`. It is in the file of the status, which is there as long as the scenario is.
    pub fn process(&self, scenario: &str, name: &str) -> Process {
        let text = self.read(&format!(".lab/scenario-{scenario}/status.json"));
        let status: Value = serde_json::from_str(&text).expect("the status is JSON");
        let services = status["services"].as_array().expect("the status has services");
        let process = match services.iter().find(|service| service["name"] == name) {
            Some(service) => &service["process"],
            None => &status[name],
        };
        let pid = process["pid"].as_u64().and_then(|pid| pid.try_into().ok());
        pid.and_then(Process::of).unwrap_or_else(|| panic!("{name} does not run"))
    }

    /// The answer of the scenario's database to one statement, a row per line.
    pub fn sql(&self, statement: &str) -> String {
        self.run(&["sql", "-At", "-c", statement])
    }

    /// All processes whose command line or directory is in the copy: what the lab started and did not end.
    pub fn processes(&self) -> Vec<Process> {
        let janitor = self.janitor.id().cast_signed();
        Process::all_in(&self.root).into_iter().filter(|process| process.pid != janitor).collect()
    }
}

/// All that a command printed on standard error.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.janitor_waits = None;
        // When it fails, files are left in `target`.
        let _ = self.janitor.wait();
    }
}

/// A shell that waits for the end of its input, then stops all that runs in `root` and removes `top`. What `lab clean` takes
/// for the folder of the programs must not be the developer's.
fn janitor(top: &Path, root: &Path) -> Child {
    let clean_up = r#"read _; cd "$1" || exit; "$2" down --all; CARGO_TARGET_DIR="$1/none" "$2" clean; cd /
        while [ -e "$0" ]; do rm -rf "$0" || sleep 0.1; done"#;
    Command::new("sh")
        .args(["-c", clean_up])
        .args([top, root])
        .arg(built("lab"))
        .env_remove("LAB_DIR")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C goes to the whole group of this program.
        .process_group(0)
        .spawn()
        .expect("there is a shell")
}
