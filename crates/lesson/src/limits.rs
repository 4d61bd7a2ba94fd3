//! The limits that a claim or a goal sets to a number.

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
