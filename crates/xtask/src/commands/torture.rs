//! `cargo xtask torture`: builds the services and breaks them.

use std::process::Command;

use anyhow::Context;

/// Builds all programs, as the tests do, and runs `torture` with these arguments; whether all promises held.
///
/// # Errors
/// When cargo cannot be run.
pub fn run(arguments: &[String]) -> anyhow::Result<bool> {
    let cargo = |arguments: &[&str]| {
        let status = Command::new("cargo").args(arguments).status();
        status.context("cannot run cargo").map(|status| status.success())
    };
    let build = ["build", "--quiet", "--workspace", "--all-features", "--locked", "--bins"];
    if !cargo(&build)? {
        return Ok(false);
    }
    let torture = Command::new("target/debug/torture").args(arguments).status();
    Ok(torture.context("cannot run target/debug/torture")?.success())
}
