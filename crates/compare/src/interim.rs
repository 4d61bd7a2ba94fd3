//! When to look at measurements that keep coming.

use crate::estimate::TAIL;

/// Pairs between two looks.
const EVERY: usize = 8;

/// Looks at pairs of runs that are made until the answer is clear.
///
/// Who looks again and again sees a difference some day, where there is none. So each look is stricter, by as many times
/// as there are looks: all of them together mislead in at most 5 of 100 cases, whatever the noise is like (Bonferroni).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks {
    /// Pairs at the last one.
    pub most: usize,
}

impl Looks {
    /// Whether to look after so many pairs.
    pub fn is_due(self, pairs: usize) -> bool {
        pairs == self.most || pairs.is_multiple_of(EVERY)
    }

    /// Chance, on one side, that one look's interval misses the truth.
    pub fn tail(self) -> f64 {
        TAIL / self.most.div_ceil(EVERY) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_looks_together_mislead_no_more_often_than_they_may() {
        for most in 1..=45 {
            let looks = Looks { most };
            let count = (1..=most).filter(|&pairs| looks.is_due(pairs)).count();
            assert!((count as f64 * looks.tail() - TAIL).abs() < 1e-12, "{most}");
        }
    }
}
