//! What can be concluded.

use serde::{Deserialize, Serialize};

use crate::{Estimate, Scale};

/// Which way is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefer {
    /// More is better: answers per second.
    More,
    /// Less is better: latency.
    Less,
}

/// What can be said of a change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Chance is ruled out, and the change is beyond what the machine does by itself.
    Better,
    /// The same, in the wrong direction.
    Worse,
    /// If there is a difference, it is no larger than this: 0.03 for 3 %.
    NoDifference {
        /// The margin, or how far the interval reaches.
        beyond: f64,
    },
    /// It may be much or nothing.
    Inconclusive,
}

/// What `estimate` says, when changes within `margin` (0.03 for 3 %) do not matter or may be the machine's.
///
/// A difference has to pass both: the interval excludes "no change", and the change itself exceeds the margin. The
/// first alone is not enough because the blocks of one run do not know what differs between runs.
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
    /// Of two single runs on a machine that others kept busy: they can show a large change, and never that there is none.
    pub fn in_a_crowd(self) -> Self {
        if matches!(self, Self::NoDifference { .. }) { Self::Inconclusive } else { self }
    }
}

impl Scale {
    /// Changes smaller than this do not matter, whatever the statistics: 3 %, or one answer in a hundred.
    pub fn smallest_margin(self) -> f64 {
        match self {
            Self::Ratio => 0.03,
            Self::Difference => 0.01,
        }
    }

    /// "No difference beyond 30 %" would be no finding. Up to here it is one.
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
