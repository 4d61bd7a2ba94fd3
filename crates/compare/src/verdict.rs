//! The verdict on a change.

use serde::{Deserialize, Serialize};

use crate::{Estimate, Scale};

/// Which direction of a change is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefer {
    /// More is better: answers per second.
    More,
    /// Less is better: latency.
    Less,
}

/// The verdict on a change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The change is larger than chance and the noise of the machine explain.
    Better,
    /// The same, in the wrong direction.
    Worse,
    /// The largest difference that there may be: 0.03 for 3 %.
    NoDifference {
        /// The margin, or how far the interval reaches.
        beyond: f64,
    },
    /// The change may be large, or there may be none.
    Inconclusive,
}

/// The verdict on `estimate`, when changes within `margin` (0.03 for 3 %) do not matter or may be noise of the machine.
///
/// A difference must pass two tests: the confidence interval excludes "no change", and the change exceeds the margin. The
/// first alone is not enough, because the blocks of one run do not show how runs differ from each other.
pub fn judge(estimate: &Estimate, margin: f64, prefer: Prefer) -> Verdict {
    let Estimate { scale, change, low, high, .. } = *estimate;
    let beyond_chance = low > scale.neutral() || high < scale.neutral();
    let more = change > scale.neutral();
    let beyond = margin.max(estimate.reach());
    if beyond_chance && scale.distance(change) > margin {
        if more == (prefer == Prefer::More) { Verdict::Better } else { Verdict::Worse }
    } else if beyond <= margin.max(scale.tolerable()) {
        Verdict::NoDifference { beyond }
    } else {
        Verdict::Inconclusive
    }
}

impl Verdict {
    /// The verdict on two single runs on a busy machine: they can show a large change, but never that there is none.
    pub fn on_busy_machine(self) -> Self {
        if matches!(self, Self::NoDifference { .. }) { Self::Inconclusive } else { self }
    }
}

impl Scale {
    /// Smaller changes do not matter, even when they are certain: 3 %, or one answer in a hundred.
    pub fn smallest_margin(self) -> f64 {
        match self {
            Self::Ratio => 0.03,
            Self::Difference => 0.01,
        }
    }

    /// The widest margin of a verdict "no difference": one with 30 % would say nothing.
    fn tolerable(self) -> f64 {
        match self {
            Self::Ratio => 0.1,
            Self::Difference => 0.03,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(low: f64, change: f64, high: f64, margin: f64) -> Verdict {
        let scale = Scale::Ratio;
        let estimate = Estimate { scale, before: 1.0, after: change, change, low, high, p: 0.0 };
        judge(&estimate, margin, Prefer::More)
    }

    #[test]
    fn a_change_beyond_chance_and_margin_is_better_or_worse() {
        assert_eq!(verdict(1.05, 1.10, 1.15, 0.03), Verdict::Better);
        assert_eq!(verdict(0.85, 0.90, 0.95, 0.03), Verdict::Worse);
    }

    #[test]
    fn less_latency_is_better() {
        let scale = Scale::Ratio;
        let estimate = Estimate { scale, before: 2.0, after: 1.0, change: 0.5, low: 0.4, high: 0.6, p: 0.0 };
        assert_eq!(judge(&estimate, 0.03, Prefer::Less), Verdict::Better);
    }

    #[test]
    fn a_change_within_the_margin_is_none_however_sure() {
        assert_eq!(verdict(1.019, 1.02, 1.021, 0.03), Verdict::NoDifference { beyond: 0.03 });
        assert_eq!(verdict(1.10, 1.15, 1.18, 0.2), Verdict::NoDifference { beyond: 0.2 });
    }

    #[test]
    fn what_may_be_chance_is_no_difference_only_as_far_as_the_interval_reaches() {
        assert_eq!(verdict(0.97, 1.02, 1.0625, 0.03), Verdict::NoDifference { beyond: 0.0625 });
        assert_eq!(verdict(0.9, 1.05, 1.2, 0.03), Verdict::Inconclusive);
    }

    #[test]
    fn from_nothing_to_something_is_better() {
        let endless = f64::INFINITY;
        assert_eq!(verdict(endless, endless, endless, 0.03), Verdict::Better);
        assert_eq!(verdict(0.0, f64::NAN, endless, 0.03), Verdict::Inconclusive);
    }
}
