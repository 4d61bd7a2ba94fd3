//! `cargo xtask lint`.

use super::test;
use crate::{lints, test_part::Group};

/// Runs all lints, or those that compile nothing.
///
/// # Errors
/// When one cannot be started.
pub fn run(is_fast: bool) -> anyhow::Result<bool> {
    test::run(lints::all(is_fast)?, &[(Group::Lint, test::LINT_S)], None)
}
