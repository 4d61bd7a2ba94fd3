//! One part of a test run: a line for bash.

use std::{
    env,
    io::{BufRead, BufReader, Write, stdout},
    iter,
    process::{ChildStdout, Command, Stdio},
    sync::mpsc::{Sender, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::{counts::Counts, tool_path};

/// Where tests note, a line each, that they cannot run on this machine; they read the name from `LAB_SKIPPED`.
pub const SKIPPED: &str = "target/xtask/skipped";

/// The exit code of a script that cannot run on this machine, as in automake.
const CANNOT_RUN: i32 = 77;

/// What parts are counted together, and against one budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Build,
    Lint,
    Tests,
    Smoke,
    Promises,
    WrongFixes,
    Containers,
}

/// Something that passes or fails.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its name, stable: `smoke-1`.
    pub name: String,
    pub group: Group,
    /// What bash runs. To type it repeats the part.
    pub line: String,
    /// A program that this machine may lack.
    pub tool: Option<&'static str>,
    /// What to do when it fails; empty where the output says it all.
    pub advice: &'static str,
}

/// How a part ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Failed,
    /// And why.
    Skipped(String),
}

/// A part that has run.
#[derive(Debug)]
pub struct Ran {
    pub part: Part,
    pub verdict: Verdict,
    pub measured: Measured,
}

/// What is kept of a part that has passed.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Measured {
    pub seconds: f64,
    pub counts: Counts,
}

impl Group {
    /// As the table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Lint => "lint",
            Self::Tests => "unit, API and engine tests",
            Self::Smoke => "smoke tests",
            Self::Promises => "promises",
            Self::WrongFixes => "wrong fixes",
            Self::Containers => "containers",
        }
    }
}

impl Part {
    /// A part that needs nothing special.
    pub fn new(group: Group, name: impl Into<String>, line: impl Into<String>) -> Self {
        Self { name: name.into(), group, line: line.into(), tool: None, advice: "" }
    }

    /// The same, skipped or failed where `tool` is missing.
    pub fn with_tool(self, tool: &'static str) -> Self {
        Self { tool: Some(tool), ..self }
    }

    /// Runs it; what it prints goes to the terminal.
    ///
    /// # Errors
    /// When bash cannot be started.
    pub fn run(self) -> anyhow::Result<Ran> {
        if let Some(tool) = self.tool.filter(|tool| !tool_path::is_there(tool)) {
            let why = format!("{tool} is missing; install it with: cargo xtask tools");
            return Ok(self.did_not_run(tool, why));
        }
        println!("\n== {}: {}", self.name, self.line);
        let started = Instant::now();
        let mut child = Command::new("bash")
            .args(["-c", &self.line])
            .env("LAB_SKIPPED", env::current_dir()?.join(SKIPPED))
            .env("PATH", tool_path::path()?)
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run bash")?;
        let (sender, counts) = channel();
        let output = child.stdout.take().context("bash has an output")?;
        thread::spawn(move || show_and_count(output, &sender));
        let code = child.wait()?.code();
        // A process that the part left behind may keep the output open for ever.
        let counts = iter::from_fn(|| counts.recv_timeout(Duration::from_secs(2)).ok()).sum();
        if code == Some(CANNOT_RUN) {
            let why = "this machine has no Docker and cannot start one (see above)".to_owned();
            return Ok(self.did_not_run("docker", why));
        }
        Ok(self.ended(code == Some(0), counts, started.elapsed()))
    }

    /// It lacks `what`: that is a failure where nothing may be missing.
    fn did_not_run(self, what: &str, why: String) -> Ran {
        println!("\n== {}: skipped: {why}", self.name);
        let required = env::var("LAB_REQUIRE").unwrap_or_default();
        if is_required(what, &required, is_ci()) {
            return self.ended(false, Counts::default(), Duration::ZERO);
        }
        self.skipped(why)
    }

    /// It is not run, because of `why`.
    pub fn skipped(self, why: String) -> Ran {
        let measured = Measured { seconds: 0.0, counts: Counts { skipped: 1, ..Counts::default() } };
        Ran { part: self, verdict: Verdict::Skipped(why), measured }
    }

    /// A part counts as one test, unless it printed how many it made.
    fn ended(self, is_success: bool, mut counts: Counts, took: Duration) -> Ran {
        match is_success {
            true if counts == Counts::default() => counts.passed = 1,
            // The compiler fails before a test does.
            false if counts.failed == 0 => counts.failed = 1,
            _ => {}
        }
        let verdict = if is_success { Verdict::Passed } else { Verdict::Failed };
        Ran { part: self, verdict, measured: Measured { seconds: took.as_secs_f64(), counts } }
    }
}

/// Passes the output of a part on and sends what its closing lines count.
fn show_and_count(output: ChildStdout, counts: &Sender<Counts>) -> anyhow::Result<()> {
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let mut terminal = stdout().lock();
        terminal.write_all(&line)?;
        terminal.write_all(b"\n")?;
        if let Some(found) = Counts::of_line(&String::from_utf8_lossy(&line)) {
            counts.send(found)?;
        }
    }
    Ok(())
}

/// Whether `what` must not be missing: `required` (`docker,redis`) names it, or this is CI and it is a tool.
fn is_required(what: &str, required: &str, is_ci: bool) -> bool {
    required.split(',').any(|name| name.trim() == what) || what != "docker" && is_ci
}

/// Whether GitHub or another CI runs this.
pub fn is_ci() -> bool {
    env::var("CI").is_ok_and(|ci| ci == "true")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(is_success: bool, counts: Counts) -> Counts {
        let part = Part::new(Group::Tests, "doc", "true");
        part.ended(is_success, counts, Duration::ZERO).measured.counts
    }

    #[test]
    fn a_process_that_a_part_leaves_behind_does_not_hold_it_up() {
        let ran = Part::new(Group::Tests, "leaves-one", "sleep 20 &").run().unwrap();
        assert_eq!(ran.verdict, Verdict::Passed);
        assert!(ran.measured.seconds < 20.0);
    }

    #[test]
    fn what_is_missing_is_a_failure_where_it_is_required() {
        assert!(is_required("docker", "redis,docker", false));
        assert!(!is_required("docker", "redis", true), "GitHub has it, other machines may not");
        assert!(is_required("typos", "", true));
        assert!(!is_required("typos", "", false));
    }

    #[test]
    fn a_part_that_counts_nothing_is_one_test() {
        let counts = |passed, failed| Counts { passed, failed, skipped: 0 };
        assert_eq!(ended(true, counts(0, 0)), counts(1, 0));
        assert_eq!(ended(false, counts(0, 0)), counts(0, 1));
        assert_eq!(ended(true, counts(7, 0)), counts(7, 0));
        assert_eq!(ended(false, counts(7, 2)), counts(7, 2));
        assert_eq!(ended(false, counts(7, 0)), counts(7, 1), "the second test program did not compile");
    }
}
