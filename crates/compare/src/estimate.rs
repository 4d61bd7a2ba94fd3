//! How a figure changed: the exact permutation test of two samples, and its confidence interval.

use serde::{Deserialize, Serialize};

/// The probability that a confidence interval misses the true change on one side. Both sides together leave 95 %.
pub const TAIL: f64 = 0.025;

/// How two figures are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// After divided by before: for rates, latencies and other sizes.
    Ratio,
    /// After minus before: for shares, where 0 and 1 are common.
    Difference,
}

/// How a figure changed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// How the two are compared.
    pub scale: Scale,
    /// The figure of the run before; the mean of the measurements where they are no blocks of a run.
    pub before: f64,
    /// The same after.
    pub after: f64,
    /// The change from `before` to `after`; of pairs, the median change. Not finite when a ratio divides by 0.
    pub change: f64,
    /// Lower end of the confidence interval of the change: 95 %, unless the caller asked for another.
    pub low: f64,
    /// Upper end of the confidence interval; infinite where there is none.
    pub high: f64,
    /// The p-value, 0 to 1: how often chance alone makes a difference at least as large, in either direction.
    pub p: f64,
}

impl Estimate {
    /// Compares the blocks of two runs. `None` when they are too few for 95 % (three against three), or one is not finite.
    ///
    /// Exact: it tries all ways to split the blocks into two groups of these sizes, 252 for five against five. The time
    /// doubles with each block; 20 blocks in all take some hundredths of a second.
    pub fn of(scale: Scale, before: &[f64], after: &[f64]) -> Option<Self> {
        let blocks = [before, after].concat();
        if blocks.len() > 24 || before.is_empty() || after.is_empty() || blocks.iter().any(|b| !b.is_finite())
        {
            return None;
        }
        let (mut lows, mut highs) = crossings(scale, &blocks, before.len());
        let splits = lows.len() + 1;
        let tail = (TAIL * splits as f64) as usize;
        if tail == 0 {
            return None;
        }
        // One more than the crossings: the split that was measured counts for both sides.
        let below = 1 + lows.iter().filter(|&&at| at <= scale.neutral()).count();
        let above = 1 + highs.iter().filter(|&&at| at >= scale.neutral()).count();
        lows.sort_by(f64::total_cmp);
        highs.sort_by(f64::total_cmp);
        let mean = |blocks: &[f64]| blocks.iter().sum::<f64>() / blocks.len() as f64;
        let (before, after) = (mean(before), mean(after));
        Some(Self {
            scale,
            before,
            after,
            change: scale.change(before, after),
            low: lows[tail - 1],
            high: highs[highs.len() - tail],
            p: (2.0 * below.min(above) as f64 / splits as f64).min(1.0),
        })
    }

    /// The same for blocks of two runs whose figures as a whole are `before` and `after`: the p99 of a run is not the mean of
    /// the p99 of its blocks, and a run has one p99. The interval comes from the blocks; it is widened where it would miss the
    /// change of the figures.
    pub fn of_whole(self, before: f64, after: f64) -> Self {
        let change = self.scale.change(before, after);
        // 0 / 0 is no number, and no limit.
        Self { before, after, change, low: self.low.min(change), high: self.high.max(change), ..self }
    }

    /// How far from "no change" the farther end of the confidence interval is: 0.1 for 10 % more, or for 1/1.1.
    pub fn reach(&self) -> f64 {
        self.scale.distance(self.low).max(self.scale.distance(self.high))
    }
}

impl Scale {
    /// The value that means "no change".
    pub fn neutral(self) -> f64 {
        match self {
            Self::Ratio => 1.0,
            Self::Difference => 0.0,
        }
    }

    /// The change from `before` to `after`.
    pub fn change(self, before: f64, after: f64) -> f64 {
        match self {
            Self::Ratio => after / before,
            Self::Difference => after - before,
        }
    }

    /// A distance in words: `3 %`, `1 points`.
    pub fn size(self, distance: f64) -> String {
        match self {
            Self::Ratio => format!("{:.0} %", 100.0 * distance),
            Self::Difference => format!("{:.1} points", 100.0 * distance),
        }
    }

    /// How far `change` is from "no change": the same for twice as much and half as much.
    pub fn distance(self, change: f64) -> f64 {
        match self {
            Self::Ratio => change.max(1.0 / change) - 1.0,
            Self::Difference => change.abs(),
        }
    }
}

/// For each way to part the blocks, the change at which it and the measured way show the same difference of means.
///
/// This is the whole test. Suppose the true change were `c`, and take it out: the blocks after become comparable to
/// those before, and any other way to part them is as likely as the measured one. Exchange k blocks of each group, and
/// the other way shows the larger difference exactly when `c` exceeds (sum of those k after) / (sum of those k before);
/// on the scale of differences, the difference of their means. So the changes that the test does not refute lie
/// between two of these values, and no search is needed.
///
/// Source: for differences of means, Nguyen, "Nonparametric Inference using Randomization and Permutation Reference
/// Distribution", doi:10.15760/etd.7798; ratios of sums follow the same way.
///
/// 0 / 0 refutes nothing: such a value is the lowest of the lows and the highest of the highs.
fn crossings(scale: Scale, blocks: &[f64], before: usize) -> (Vec<f64>, Vec<f64>) {
    let measured = (1_u32 << before) - 1;
    let splits = (0..1_u32 << blocks.len()).filter(|split| split.count_ones() as usize == before);
    let sum = |chosen: u32| {
        let is_chosen = |(place, _): &(usize, &f64)| chosen >> place & 1 == 1;
        blocks.iter().enumerate().filter(is_chosen).map(|(_, block)| block).sum::<f64>()
    };
    let crossing = |split: u32| {
        let exchanged = f64::from((measured & !split).count_ones());
        scale.change(sum(measured & !split) / exchanged, sum(split & !measured) / exchanged)
    };
    splits
        .filter(|&split| split != measured)
        .map(crossing)
        .map(|at| if at.is_nan() { (0.0, f64::INFINITY) } else { (at, at) })
        .unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// About normal, with mean 0 and deviation 1: twelve dice.
    fn normal(random: &mut fastrand::Rng) -> f64 {
        (0..12).map(|_| random.f64()).sum::<f64>() - 6.0
    }

    #[test]
    fn five_blocks_apart_from_five_have_the_smallest_chance_there_is() {
        let found = Estimate::of(Scale::Ratio, &[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0]);
        let found = found.expect("five are enough");
        assert_eq!(found.p, 2.0 / 252.0);
        assert!(found.low > 1.0, "{found:?}");
    }

    #[test]
    fn the_interval_excludes_no_change_exactly_when_chance_is_unlikely() {
        let mut random = fastrand::Rng::with_seed(1);
        for scale in [Scale::Ratio, Scale::Difference] {
            for _ in 0..500 {
                let mut sample = |mean: f64| [0.0; 5].map(|_| mean + normal(&mut random));
                let found = Estimate::of(scale, &sample(10.0), &sample(11.0)).expect("five are enough");
                let excluded = found.low > scale.neutral() || found.high < scale.neutral();
                // 12 of 252 ways, six on each side.
                assert_eq!(excluded, found.p <= 12.0 / 252.0, "{found:?}");
            }
        }
    }

    #[test]
    fn the_interval_holds_the_truth_95_times_in_100() {
        let mut random = fastrand::Rng::with_seed(2);
        let truth = 1.25;
        let holds = (0..2_000).filter(|_| {
            let before = [0.0; 5].map(|_| 100.0 + 5.0 * normal(&mut random));
            let after = [0.0; 5].map(|_| truth * (100.0 + 5.0 * normal(&mut random)));
            let found = Estimate::of(Scale::Ratio, &before, &after).expect("five are enough");
            (found.low..=found.high).contains(&truth)
        });
        // 240 of 252 ways make 95.2 %; the deviation of 2,000 draws is 0.5 %.
        let share = holds.count() as f64 / 2_000.0;
        assert!((0.94..0.965).contains(&share), "{share}");
    }

    #[test]
    fn blocks_that_are_all_equal_did_not_change_at_all() {
        let found = Estimate::of(Scale::Difference, &[1.0; 5], &[1.0; 5]).expect("five are enough");
        assert_eq!((found.low, found.high, found.p, found.reach()), (0.0, 0.0, 1.0, 0.0));
    }

    #[test]
    fn more_than_nothing_is_a_change_without_an_upper_end() {
        let found =
            Estimate::of(Scale::Ratio, &[0.0; 5], &[9.0, 8.0, 9.0, 8.0, 9.0]).expect("five are enough");
        assert_eq!((found.low, found.high, found.p), (f64::INFINITY, f64::INFINITY, 2.0 / 252.0));
        let nothing = Estimate::of(Scale::Ratio, &[0.0; 5], &[0.0; 5]).expect("five are enough");
        assert_eq!((nothing.low, nothing.high, nothing.p), (0.0, f64::INFINITY, 1.0));
    }

    #[test]
    fn three_blocks_against_three_are_too_few_for_95_percent_and_four_against_four_are_enough() {
        assert_eq!(Estimate::of(Scale::Ratio, &[1.0; 3], &[2.0; 3]), None);
        assert!(Estimate::of(Scale::Ratio, &[1.0; 4], &[2.0; 4]).is_some());
    }
}
