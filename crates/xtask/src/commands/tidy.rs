//! `cargo xtask tidy`: prints every place that breaks a rule of docs/style.md, "Tidy".

use crate::tidy;

/// Whether nothing was found.
///
/// # Errors
/// When a file cannot be read.
pub fn run() -> anyhow::Result<bool> {
    let findings = tidy::findings()?;
    findings.iter().for_each(|finding| eprintln!("{finding}"));
    Ok(findings.is_empty())
}
