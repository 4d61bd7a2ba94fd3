//! Interim analyses: when to test measurements that are still being collected.

use crate::estimate::TAIL;

/// Pairs of runs between two analyses.
const EVERY: usize = 8;

/// Interim analyses ("looks") of pairs of runs that go on until the answer is clear.
///
/// A test that is repeated on growing data finds a difference sooner or later, even where there is none. Therefore the
/// error rate is divided by the number of looks: all of them together are wrong in at most 5 of 100 cases, for every kind
/// of noise (Bonferroni).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterimAnalyses {
    /// Pairs at the last look.
    pub most: usize,
}

impl InterimAnalyses {
    /// Whether a look is due after this many pairs.
    pub fn is_due(self, pairs: usize) -> bool {
        pairs == self.most || pairs.is_multiple_of(EVERY)
    }

    /// The probability, on one side, that the confidence interval of one look misses the true change.
    pub fn tail(self) -> f64 {
        TAIL / self.most.div_ceil(EVERY) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_looks_together_are_wrong_no_more_often_than_one_test_may_be() {
        for most in 1..=45 {
            let looks = InterimAnalyses { most };
            let count = (1..=most).filter(|&pairs| looks.is_due(pairs)).count();
            assert!((count as f64 * looks.tail() - TAIL).abs() < 1e-12, "{most}");
        }
    }
}
