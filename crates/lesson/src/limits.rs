//! The limits that a claim or a goal sets to a number, and those of the numbers in a lesson's files.

use std::fmt::Display;

use serde::{Deserialize, Deserializer, de::Error};

/// Longest load test, in seconds: as long as on the command line.
pub(crate) const LONGEST_S: u64 = 3_600;

/// Most users: as many as on the command line.
pub(crate) const MOST_USERS: u64 = 10_000;

/// A whole number from `LEAST` to `MOST`.
///
/// # Errors
/// Names both.
pub(crate) fn within<'de, T, const LEAST: u64, const MOST: u64, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Copy + Deserialize<'de> + Display + TryInto<u64>,
    D: Deserializer<'de>,
{
    let number = T::deserialize(deserializer)?;
    match number.try_into() {
        Ok(value) if (LEAST..=MOST).contains(&value) => Ok(number),
        _ => Err(D::Error::custom(format!("{number} is not from {LEAST} to {MOST}"))),
    }
}

/// The same for a number that may be missing.
///
/// # Errors
/// Those of [`within`].
pub(crate) fn optional<'de, T, const LEAST: u64, const MOST: u64, D>(
    deserializer: D,
) -> Result<Option<T>, D::Error>
where
    T: Copy + Deserialize<'de> + Display + TryInto<u64>,
    D: Deserializer<'de>,
{
    within::<T, LEAST, MOST, D>(deserializer).map(Some)
}

/// Between what a number must be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Itself included.
    pub at_least: Option<f64>,
    /// Itself included.
    pub at_most: Option<f64>,
}

impl Limits {
    /// Whether `number` lies within both.
    pub fn include(self, number: f64) -> bool {
        self.at_least.is_none_or(|limit| number >= limit) && self.at_most.is_none_or(|limit| number <= limit)
    }

    /// `at least 0.5 of all requests`.
    pub fn in_words(self, unit: &str) -> String {
        match (self.at_least, self.at_most) {
            (Some(low), Some(high)) => format!("{low} to {high} {unit}"),
            (Some(low), None) => format!("at least {low} {unit}"),
            (None, Some(high)) => format!("at most {high} {unit}"),
            (None, None) => "anything".to_owned(),
        }
    }
}
