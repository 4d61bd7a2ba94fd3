//! Files of the checkout.

use std::fs;

use anyhow::Context;

/// What a file holds.
///
/// # Errors
/// When it cannot be read, with its name.
pub fn read(file: &str) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {file}"))
}
