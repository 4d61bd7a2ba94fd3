//! How many tests passed, failed and were skipped.

use std::iter::Sum;

use serde::{Deserialize, Serialize};

/// Numbers of tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub passed: u32,
    pub failed: u32,
    pub skipped: u32,
}

impl Counts {
    /// What cargo's test runner says at its end: `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; …`; `None`
    /// for any other line.
    pub fn of_line(line: &str) -> Option<Self> {
        let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let number = |word: &str| {
            let mut parts = numbers.split("; ");
            parts.find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
        };
        Some(Self { passed: number("passed")?, failed: number("failed")?, skipped: number("ignored")? })
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, next| Self {
            passed: sum.passed + next.passed,
            failed: sum.failed + next.failed,
            skipped: sum.skipped + next.skipped,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_of_cargo_test_is_understood() {
        let line = "test result: FAILED. 31 passed; 2 failed; 1 ignored; 0 measured; 4 filtered out; finished in 2.33s";
        assert_eq!(Counts::of_line(line), Some(Counts { passed: 31, failed: 2, skipped: 1 }));
        assert_eq!(Counts::of_line("test pool::waits ... ok"), None);
    }
}
