//! Drift: whether the numbers still changed while they were measured, as the blocks of the run show it.

use crate::{Latencies, Outcome, Run};

/// With fewer blocks, chance looks like a trend.
const BLOCKS: usize = 4;

/// A change by this share or less does not matter.
const CHANGE: f64 = 0.1;

/// The first block differs from the rest when its distance to their mean is this many times their own range.
const FIRST_BLOCK_APART: f64 = 3.0;

impl Run {
    /// How the numbers still changed while they were measured, in words. `None` when they were steady, or when the run
    /// has too few blocks to tell.
    ///
    /// Compares the successes per second of the blocks; in the open loop, where the plan gives the rate, their median
    /// latencies. By chance, five equal blocks all rise or all fall in 2 of 120 cases.
    pub fn drift(&self) -> Option<String> {
        let open = self.plan.rate_per_s.is_some();
        let values = if open { self.p50_ms() } else { self.ok_per_s() };
        let show = |value: f64| if open { format!("{value:.1} ms") } else { format!("{value:.0}") };
        let what = if open { "the median latency" } else { "the successes per second" };
        let trend = trend(&values)?;
        Some(match trend {
            Trend::One { from, to } => {
                format!("{what} changed in one direction all the time, from {} to {}", show(from), show(to))
            }
            Trend::Start { first, rest } => {
                format!("{what} were different at the beginning: {}, then {}", show(first), show(rest))
            }
        })
    }

    /// Whether the latency rose from block to block and more than doubled: a queue grows faster than it is served.
    pub(crate) fn grows(&self) -> bool {
        let values = self.p50_ms();
        matches!(trend(&values), Some(Trend::One { from, to }) if to > 2.0 * from)
    }

    /// Good answers that arrived per second of measuring, including those to requests of the warm-up.
    pub(crate) fn answered_per_s(&self) -> f64 {
        let seconds = self.measured_s as u64;
        let answered = self.rows.iter().filter(|row| row.second < seconds).map(|row| row.ok).sum::<u64>();
        // Rows are whole seconds.
        if seconds > 0 { answered as f64 / seconds as f64 } else { self.summary().total.ok_per_s }
    }

    /// Per whole block.
    fn ok_per_s(&self) -> Vec<f64> {
        let block_s = self.block_s();
        self.blocks(|ok| ok.count() as f64 / block_s)
    }

    /// Per whole block; 0 where nothing succeeded.
    fn p50_ms(&self) -> Vec<f64> {
        self.blocks(|ok| ok.quantile_ms(0.5).unwrap_or_default())
    }

    fn block_s(&self) -> f64 {
        self.plan.duration.as_secs_f64() / f64::from(self.plan.blocks)
    }

    /// `of` the successes in each block that was not cut short.
    fn blocks(&self, of: impl Fn(&Latencies) -> f64) -> Vec<f64> {
        // A nanosecond less than all of them are still all.
        let whole = (self.measured_s / self.block_s() + 1e-6) as usize;
        let block = |nth: usize| {
            let mut all = Latencies::default();
            let ok = self.endpoints.iter().filter_map(|endpoint| endpoint.blocks.get(nth)?.get(&Outcome::Ok));
            ok.for_each(|latencies| all.add(latencies));
            of(&all)
        };
        (0..whole.min(self.blocks_recorded())).map(block).collect()
    }
}

/// How a series of numbers changed.
#[derive(Debug, PartialEq)]
enum Trend {
    /// It rose at each step, or fell at each step.
    One { from: f64, to: f64 },
    /// The first value is far from the others.
    Start { first: f64, rest: f64 },
}

fn trend(values: &[f64]) -> Option<Trend> {
    let (&[first, ref rest @ ..], true) = (values, values.len() >= BLOCKS) else { return None };
    let to = rest[rest.len() - 1];
    let far = |from: f64, to: f64| (to - from).abs() > CHANGE * from.abs().max(to.abs());
    let one_way = values.is_sorted_by(|a, b| a < b) || values.is_sorted_by(|a, b| a > b);
    if one_way && far(first, to) {
        return Some(Trend::One { from: first, to });
    }
    let mean = rest.iter().sum::<f64>() / rest.len() as f64;
    let (least, most) =
        rest.iter().fold((f64::MAX, f64::MIN), |(least, most), &value| (value.min(least), value.max(most)));
    let apart = (first - mean).abs() > FIRST_BLOCK_APART * (most - least);
    (apart && far(first, mean)).then_some(Trend::Start { first, rest: mean })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_that_only_rises_or_only_falls_drifts() {
        assert_eq!(trend(&[100.0, 97.0, 95.0, 90.0, 85.0]), Some(Trend::One { from: 100.0, to: 85.0 }));
        assert_eq!(trend(&[1.0, 2.0, 3.0, 4.0, 5.0]), Some(Trend::One { from: 1.0, to: 5.0 }));
        assert_eq!(trend(&[100.0, 99.0, 98.0, 97.0, 96.0]), None, "4 % is little");
    }

    #[test]
    fn a_series_that_rises_and_falls_does_not_drift() {
        assert_eq!(trend(&[100.0, 130.0, 90.0, 120.0, 80.0]), None);
        assert_eq!(trend(&[0.0; 5]), None);
    }

    #[test]
    fn a_first_block_unlike_the_rest_is_a_warm_up_that_was_too_short() {
        assert_eq!(
            trend(&[50.0, 101.0, 99.0, 100.0, 100.0]),
            Some(Trend::Start { first: 50.0, rest: 100.0 })
        );
        assert_eq!(trend(&[50.0, 120.0, 80.0, 100.0, 100.0]), None, "the rest differ as well");
    }

    #[test]
    fn three_blocks_tell_nothing() {
        assert_eq!(trend(&[1.0, 2.0, 3.0]), None);
        assert_eq!(trend(&[]), None);
    }
}
