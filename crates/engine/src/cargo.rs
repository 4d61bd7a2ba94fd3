//! Builds programs of this checkout.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anstream::adapter::strip_str;
use anyhow::{Context, bail};
use compose::service_spec::Build;
use project::{
    Scenario,
    warnings::{self, Warning},
};
use serde::Deserialize;

/// The command that builds `programs`; its standard output is for [`Built::read`].
///
/// Binaries are named without their packages: what they stand on is then compiled with the features that the whole
/// workspace needs, once, and not again for each scenario.
pub fn command(root: &Path, programs: &[Build]) -> Command {
    let mut command = Command::new("cargo");
    // The messages contain the paths of the executables, in any target directory that the learner has set.
    command.current_dir(root).args(["build", "--message-format=json-diagnostic-rendered-ansi"]);
    for Build { package, bin, .. } in programs {
        command.args(["--bin", bin]);
        if bin.ends_with("-solution") {
            command.arg(format!("--features={package}/solution"));
        }
    }
    if programs.iter().any(|program| program.release) {
        command.arg("--release");
    }
    command
}

/// What a build has made, and what the compiler said.
#[derive(Default)]
pub struct Built {
    /// The executables, by name.
    pub executables: BTreeMap<String, PathBuf>,
    /// What the compiler warns of in the programs of this checkout, each warning once.
    pub warnings: Vec<Warning>,
    /// All that the compiler shows people, with colours.
    pub rendered: String,
}

/// Builds `programs` with cargo's own progress on standard error.
///
/// # Errors
/// When one does not compile; the compiler's errors are printed before.
pub fn build(root: &Path, programs: &[Build]) -> anyhow::Result<Built> {
    if programs.is_empty() {
        return Ok(Built::default());
    }
    let output = command(root, programs)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo; is Rust installed?")?;
    let built = Built::read(&String::from_utf8_lossy(&output.stdout));
    anstream::eprint!("{}", built.rendered);
    if !output.status.success() {
        bail!("the program does not compile (see above); fix it and run the same command again");
    }
    Ok(built)
}

/// Keeps what the compiler warns of, for `lab status`, `lab logs build` and the page.
///
/// # Errors
/// When it cannot be written.
pub fn keep_warnings(scenario: &Scenario, built: &Built) -> anyhow::Result<()> {
    let log = scenario.log(warnings::LOG);
    fs::write(&log, built.plain()).with_context(|| format!("cannot write {}", log.display()))?;
    warnings::write(scenario, &built.warnings)
}

/// What matters of cargo's messages.
///
/// Source: The Cargo Book, "External tools", "JSON messages"; The rustc book, "JSON Output", "Diagnostics".
#[derive(Deserialize)]
#[serde(untagged)]
enum Message {
    Artifact { executable: PathBuf, target: Target },
    Diagnostic { message: Diagnostic },
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    rendered: String,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    is_primary: bool,
}

impl Built {
    /// What cargo's messages (one JSON object a line) report.
    pub fn read(messages: &str) -> Self {
        let mut built = Self::default();
        // Most messages are about something else.
        for message in messages.lines().filter_map(|line| serde_json::from_str(line).ok()) {
            match message {
                Message::Artifact { executable, target } => {
                    built.executables.insert(target.name, executable);
                }
                Message::Diagnostic { message } => built.add(message),
            }
        }
        built
    }

    fn add(&mut self, Diagnostic { level, message, rendered, spans }: Diagnostic) {
        // A library and its tests can say the same.
        if self.rendered.contains(&rendered) {
            return;
        }
        // Without a place it is the compiler's own count: `1 warning emitted`.
        if let ("warning", Some(span)) = (&*level, spans.iter().find(|span| span.is_primary)) {
            let place = format!("{}:{}", span.file_name, span.line_start);
            let rendered = strip_str(&rendered).to_string();
            self.warnings.push(Warning { message, place, rendered });
        } else if spans.is_empty() && level == "warning" {
            return;
        }
        self.rendered += &rendered;
        self.rendered.push('\n');
    }

    /// The same as `rendered`, without colours.
    pub fn plain(&self) -> String {
        strip_str(&self.rendered).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_messages_become_warnings_with_their_places() {
        let messages = r#"{"reason":"compiler-message","message":{"level":"warning","message":"unused variable: `x`","rendered":"\u001b[33mwarning\u001b[0m: unused variable\n","spans":[{"file_name":"crates/feed/src/db.rs","line_start":7,"is_primary":true}],"code":null}}
{"reason":"compiler-message","message":{"level":"warning","message":"1 warning emitted","rendered":"warning: 1 warning emitted\n","spans":[]}}
{"reason":"compiler-artifact","target":{"name":"feed"},"executable":"/target/debug/feed"}
{"reason":"build-finished","success":true}"#;
        let built = Built::read(messages);
        let warnings: Vec<_> =
            built.warnings.iter().map(|warning| (&*warning.message, &*warning.place)).collect();
        assert_eq!(warnings, [("unused variable: `x`", "crates/feed/src/db.rs:7")]);
        assert_eq!(built.plain(), "warning: unused variable\n\n");
        assert_eq!(built.executables["feed"], Path::new("/target/debug/feed"));
    }
}
