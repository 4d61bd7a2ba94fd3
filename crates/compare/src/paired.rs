//! The exact test of pairs of runs (Wilcoxon's signed-rank test), and its confidence interval.

use crate::{Estimate, Scale};

impl Estimate {
    /// Compares runs that were made in pairs, `(before, after)`, one directly after the other, in a random order. `tail` is
    /// the probability that the interval misses the true change on one side. `None` when the pairs are too few for that
    /// (0.025 needs six), or one is not finite.
    ///
    /// A machine that is slow for minutes slows both runs of a pair, and their ratio stays the same. A disturbance of one
    /// run hits either with the same probability, because their order is random. This makes the test exact for every kind
    /// of noise. The test uses ranks, not sizes, so that one run that a backup disturbed is only one pair of many.
    ///
    /// Source: F. Wilcoxon, "Individual Comparisons by Ranking Methods" (1945); the interval from the means of all two
    /// pairs, J. W. Tukey (1949), as in M. Hollander, D. A. Wolfe, "Nonparametric Statistical Methods", chapter 3.
    pub fn paired(scale: Scale, pairs: &[(f64, f64)], tail: f64) -> Option<Self> {
        if pairs.is_empty() || pairs.iter().any(|(before, after)| !before.is_finite() || !after.is_finite()) {
            return None;
        }
        let changes: Vec<_> =
            pairs.iter().map(|&(before, after)| scale.transformed(scale.change(before, after))).collect();
        // Each with each later one, and with itself.
        let with_later = |(place, one)| changes[place..].iter().map(move |other| (one + other) / 2.0);
        let means: Vec<f64> = changes.iter().enumerate().flat_map(with_later).collect();
        // 0 / 0 refutes nothing: such a mean is the lowest of the lows and the highest of the highs.
        let sorted = |unknown: f64| {
            let mut means: Vec<_> =
                means.iter().map(|mean| if mean.is_nan() { unknown } else { *mean }).collect();
            means.sort_by(f64::total_cmp);
            means
        };
        let (lows, highs) = (sorted(f64::NEG_INFINITY), sorted(f64::INFINITY));
        let chances = chances(pairs.len());
        let outside = chances.iter().take_while(|chance| **chance <= tail).count();
        if outside == 0 {
            return None;
        }
        let none = scale.transformed(scale.neutral());
        let below = lows.iter().filter(|&&mean| mean <= none).count();
        let above = highs.iter().filter(|&&mean| mean >= none).count();
        let middle = (median(&lows) + median(&highs)) / 2.0;
        let mean_of = |side: fn(&(f64, f64)) -> f64| pairs.iter().map(side).sum::<f64>() / pairs.len() as f64;
        Some(Self {
            scale,
            before: mean_of(|pair| pair.0),
            after: mean_of(|pair| pair.1),
            change: scale.transformed_back(middle),
            low: scale.transformed_back(lows[outside - 1]),
            high: scale.transformed_back(highs[highs.len() - outside]),
            p: (2.0 * chances[below.min(above)]).min(1.0),
        })
    }
}

impl Scale {
    /// Transforms a change so that twice as much and half as much are equally far from "no change".
    fn transformed(self, change: f64) -> f64 {
        match self {
            Self::Ratio => change.ln(),
            Self::Difference => change,
        }
    }

    fn transformed_back(self, change: f64) -> f64 {
        match self {
            Self::Ratio => change.exp(),
            Self::Difference => change,
        }
    }
}

fn median(sorted: &[f64]) -> f64 {
    let [low, high] = [sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]];
    // Infinity minus infinity is not a number.
    if low == high { low } else { (low + high) / 2.0 }
}

/// For each sum of ranks, the probability that it is not larger, when each of the ranks 1 to `pairs` is in it with
/// probability 1/2.
fn chances(pairs: usize) -> Vec<f64> {
    let mut ways = vec![1.0];
    for rank in 1..=pairs {
        let without = ways.clone();
        ways.resize(without.len() + rank, 0.0);
        without.iter().enumerate().for_each(|(sum, count)| ways[sum + rank] += count);
    }
    let all = 2.0_f64.powi(pairs as i32);
    ways.iter()
        .scan(0.0, |sum, count| {
            *sum += count;
            Some(*sum / all)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One in five runs is half as fast, and all grow slower: what the test supposes nothing of.
    fn disturbed(random: &mut fastrand::Rng, turn: usize) -> f64 {
        let noise = 1.0 + 0.1 * random.f64() - 0.002 * turn as f64;
        if random.u8(..5) == 0 { noise / 2.0 } else { noise }
    }

    fn pairs(random: &mut fastrand::Rng, count: usize, truth: f64) -> Vec<(f64, f64)> {
        let pair = |nth| {
            let turns = [disturbed(random, 2 * nth), disturbed(random, 2 * nth + 1)];
            let first = random.usize(..2);
            (turns[first], truth * turns[1 - first])
        };
        (0..count).map(pair).collect()
    }

    #[test]
    fn the_chances_are_those_of_the_tables() {
        // Hollander and Wolfe, table A.4: eight pairs, 3 or less; six pairs, 0.
        assert!((chances(8)[3] - 5.0 / 256.0).abs() < 1e-12);
        assert!((chances(6)[0] - 1.0 / 64.0).abs() < 1e-12);
        assert_eq!(chances(5).last(), Some(&1.0));
    }

    #[test]
    fn the_interval_holds_the_truth_95_times_in_100_however_wild_the_noise() {
        let mut random = fastrand::Rng::with_seed(1);
        for count in [6, 12, 32] {
            let holds = (0..2_000).filter(|_| {
                let found = Estimate::paired(Scale::Ratio, &pairs(&mut random, count, 1.25), 0.025);
                let found = found.expect("they are enough");
                (found.low..=found.high).contains(&1.25)
            });
            let share = holds.count() as f64 / 2_000.0;
            assert!((0.94..0.98).contains(&share), "{count}: {share}");
        }
    }

    #[test]
    fn the_interval_excludes_no_change_exactly_when_chance_is_unlikely() {
        let mut random = fastrand::Rng::with_seed(2);
        for scale in [Scale::Ratio, Scale::Difference] {
            for _ in 0..500 {
                let found = Estimate::paired(scale, &pairs(&mut random, 9, 1.05), 0.025);
                let found = found.expect("nine are enough");
                let excluded = found.low > scale.neutral() || found.high < scale.neutral();
                assert_eq!(excluded, found.p <= 0.05, "{found:?}");
            }
        }
    }

    #[test]
    fn five_pairs_are_too_few_for_95_percent_and_six_are_enough() {
        assert_eq!(Estimate::paired(Scale::Ratio, &[(1.0, 2.0); 5], 0.025), None);
        assert!(Estimate::paired(Scale::Ratio, &[(1.0, 2.0); 6], 0.025).is_some());
        assert_eq!(Estimate::paired(Scale::Ratio, &[(1.0, f64::NAN); 6], 0.025), None);
    }

    #[test]
    fn one_pair_that_was_disturbed_moves_the_change_little() {
        let mut pairs = [(100.0, 110.0); 16];
        pairs[3] = (100.0, 30.0);
        let found = Estimate::paired(Scale::Ratio, &pairs, 0.025).expect("16 are enough");
        assert!((found.change - 1.1).abs() < 1e-9 && found.p < 0.05, "{found:?}");
    }

    #[test]
    fn nothing_against_nothing_says_nothing_and_against_something_it_is_endless() {
        let of = |pair| Estimate::paired(Scale::Ratio, &[pair; 6], 0.025).expect("six are enough");
        let something = of((0.0, 9.0));
        assert_eq!((something.change, something.low), (f64::INFINITY, f64::INFINITY));
        let nothing = of((0.0, 0.0));
        assert!(nothing.change.is_nan() && nothing.p == 1.0);
        assert_eq!((nothing.low, nothing.high), (0.0, f64::INFINITY));
        let all = Estimate::paired(Scale::Difference, &[(1.0, 1.0); 6], 0.025).expect("six are enough");
        assert_eq!((all.change, all.low, all.high, all.p), (0.0, 0.0, 0.0, 1.0));
    }
}
