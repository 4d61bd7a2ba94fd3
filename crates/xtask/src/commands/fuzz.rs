//! `cargo xtask fuzz`: every reader of foreign text, with inputs that libFuzzer changes until they reach new code.
//!
//! Each target is a file in `crates/fuzz/fuzz_targets`. Without a sanitizer they need no nightly Rust, and the code has no
//! `unsafe` that a sanitizer could watch.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use clap::Args;

use crate::{git, tool_path};

/// Which targets, and for how long.
#[derive(Debug, Args)]
pub struct Fuzz {
    /// Only this target.
    target: Option<String>,
    /// How long each target runs.
    #[arg(long, default_value_t = 60)]
    pub minutes: u64,
}

impl Fuzz {
    /// Every target, for an hour each.
    pub const ALL: Self = Self { target: None, minutes: 60 };
}

/// Where corpora grow, and inputs that break a target are kept.
const FOLDER: &str = "target/fuzz";

/// The names of all targets.
///
/// # Errors
/// When git cannot be run.
pub fn targets() -> anyhow::Result<Vec<String>> {
    let files = git::text(&["ls-files", "crates/fuzz/fuzz_targets"])?;
    let names = files.lines().filter_map(|file| Path::new(file).file_stem()?.to_str());
    Ok(names.map(str::to_owned).collect())
}

/// Fuzzes; whether it could, and no target was broken.
///
/// # Errors
/// When there is no such target, or git or cargo cannot be run.
pub fn run(options: &Fuzz) -> anyhow::Result<bool> {
    let mut targets = targets()?;
    if let Some(only) = &options.target {
        if !targets.contains(only) {
            bail!("there is no target {only}; the targets are {}", targets.join(", "));
        }
        targets.retain(|target| target == only);
    }
    if !tool_path::is_there("cargo-fuzz") {
        println!(
            "nothing was fuzzed: cargo-fuzz is not installed. Run `cargo install cargo-fuzz`; it needs a C++ compiler. \
            Until then only the property tests of `make test` give readers damaged input."
        );
        return Ok(false);
    }
    let mut is_sound = true;
    for target in &targets {
        is_sound &= fuzz(target, options.minutes)?;
    }
    Ok(is_sound)
}

fn fuzz(target: &str, minutes: u64) -> anyhow::Result<bool> {
    let (corpus, broken) = (format!("{FOLDER}/corpus/{target}"), format!("{FOLDER}/artifacts/{target}/"));
    for folder in [&corpus, &broken] {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {folder}"))?;
    }
    let mut fuzz = Command::new("cargo");
    fuzz.args(["fuzz", "run", "--fuzz-dir", "crates/fuzz", "--target-dir", FOLDER, "--sanitizer", "none"]);
    fuzz.args([
        target,
        &corpus,
        &seeds(target),
        "--",
        "-max_len=8192",
        "-timeout=10",
        "-print_final_stats=1",
    ]);
    fuzz.args([format!("-max_total_time={}", minutes * 60), format!("-artifact_prefix={broken}")]);
    println!("\n== fuzz {target}, for {minutes} minutes");
    let status =
        fuzz.env("PATH", tool_path::path()?).stdin(Stdio::null()).status().context("cannot run cargo")?;
    Ok(status.success())
}

/// Inputs to begin with: the repository's own files, where it has some of the kind.
fn seeds(target: &str) -> String {
    match target {
        "compose_file" => "compose".to_owned(),
        "nginx_conf" => "compose/nginx".to_owned(),
        "lesson_answers" | "lesson_toml" => "docs".to_owned(),
        _ => format!("crates/fuzz/seeds/{target}"),
    }
}
