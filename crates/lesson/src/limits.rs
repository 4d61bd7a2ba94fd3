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

    /// `at least 50 % of all requests`.
    pub fn in_words(self, unit: &str) -> String {
        let number = |limit| shown(limit, unit);
        match (self.at_least, self.at_most) {
            (Some(low), Some(high)) => format!("{} to {}", number(low), with_unit(high, unit)),
            (Some(low), None) => format!("at least {}", with_unit(low, unit)),
            (None, Some(high)) => format!("at most {}", with_unit(high, unit)),
            (None, None) => "anything".to_owned(),
        }
    }
}

/// `number` without its `unit`: `12`, `0.25`, and a share of something as `99.9 %`.
pub fn shown(number: f64, unit: &str) -> String {
    let trimmed = |text: String| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    };
    match number {
        // Rounded down: 99.99 % are not all.
        _ if unit.starts_with("of ") => {
            format!("{} %", trimmed(format!("{:.2}", (number * 10_000.0 + 1e-6).floor() / 100.0)))
        }
        100.0.. => format!("{number:.0}"),
        _ => trimmed(format!("{number:.3}")),
    }
}

/// `number` and its `unit`: `1 row`, `2 rows`, `99.9 % of all requests`.
pub fn with_unit(number: f64, unit: &str) -> String {
    let number_shown = shown(number, unit);
    // Neither shares nor ratios ("1 times one server alone") nor "ms" have a singular.
    let is_counted = unit == "times" || !["of ", "times ", "ms"].iter().any(|start| unit.starts_with(start));
    let plural = unit.split(' ').find(|word| word.ends_with('s')).filter(|_| number == 1.0 && is_counted);
    let unit = plural.map_or_else(|| unit.to_owned(), |word| unit.replacen(word, &word[..word.len() - 1], 1));
    format!("{number_shown} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_their_unit() {
        let words = |number, unit| with_unit(number, unit);
        assert_eq!(words(0.999, "of all requests"), "99.9 % of all requests");
        assert_eq!(words(0.049_58, "of all requests"), "4.95 % of all requests");
        assert_eq!(words(1.0, "of the answers"), "100 % of the answers");
        assert_eq!(words(0.999_99, "of the answers"), "99.99 % of the answers");
        assert_eq!((words(1.0, "times"), words(3.0, "times")), ("1 time".to_owned(), "3 times".to_owned()));
        assert_eq!(words(1.0, "different connections"), "1 different connection");
        assert_eq!(words(1.0, "times one server alone"), "1 times one server alone");
        assert_eq!(words(10_003.0, "rows"), "10003 rows");
        assert_eq!(words(0.25, "ms"), "0.25 ms");
        let limits = Limits { at_least: Some(3.0), at_most: Some(14.0) };
        assert_eq!(limits.in_words("connections at once"), "3 to 14 connections at once");
    }
}
