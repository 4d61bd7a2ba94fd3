//! What the blocks of a run say about it: did the numbers stand still while they were measured?

use crate::{Latencies, Outcome, Run};

/// Fewer blocks show no course.
const BLOCKS: usize = 4;

/// A change of this share, or less, is no reason to measure again.
const CHANGE: f64 = 0.1;

/// How many times as far as the rest differ among themselves the first block may be from them.
const APART: f64 = 3.0;

impl Run {
    /// How the numbers still changed while they were measured, in words; `None` when they stood still, or there
    /// are too few blocks to tell.
    ///
    /// Looks at the successes per second, or at the median latency in the open loop, where the rate is given. Five
    /// blocks that do not differ go all the same way, by chance, in 2 of 120 cases.
    pub fn drift(&self) -> Option<String> {
        let open = self.plan.rate_per_s.is_some();
        let values = if open { self.p50_ms() } else { self.ok_per_s() };
        let show = |value: f64| if open { format!("{value:.1} ms") } else { format!("{value:.0}") };
        let what = if open { "the median latency" } else { "the successes per second" };
        let way = way(&values)?;
        Some(match way {
            Way::One { from, to } => {
                format!("{what} went one way all the time, from {} to {}", show(from), show(to))
            }
            Way::Start { first, rest } => {
                format!("{what} began unlike the rest: {}, then {}", show(first), show(rest))
            }
        })
    }

    /// Whether the latency went up from block to block and more than doubled: a queue that nobody empties.
    pub(crate) fn grows(&self) -> bool {
        let values = self.p50_ms();
        matches!(way(&values), Some(Way::One { from, to }) if to > 2.0 * from)
    }

    /// Good answers that came per second of measuring, whenever they were asked for.
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

/// How a series changed.
#[derive(Debug, PartialEq)]
enum Way {
    /// Up at each step, or down at each step.
    One { from: f64, to: f64 },
    /// It began far away from where it then stayed.
    Start { first: f64, rest: f64 },
}

fn way(values: &[f64]) -> Option<Way> {
    let (&[first, ref rest @ ..], true) = (values, values.len() >= BLOCKS) else { return None };
    let to = rest[rest.len() - 1];
    let far = |from: f64, to: f64| (to - from).abs() > CHANGE * from.abs().max(to.abs());
    let one_way = values.is_sorted_by(|a, b| a < b) || values.is_sorted_by(|a, b| a > b);
    if one_way && far(first, to) {
        return Some(Way::One { from: first, to });
    }
    let mean = rest.iter().sum::<f64>() / rest.len() as f64;
    let (least, most) =
        rest.iter().fold((f64::MAX, f64::MIN), |(least, most), &value| (value.min(least), value.max(most)));
    let apart = (first - mean).abs() > APART * (most - least);
    (apart && far(first, mean)).then_some(Way::Start { first, rest: mean })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_that_goes_one_way_drifts() {
        assert_eq!(way(&[100.0, 97.0, 95.0, 90.0, 85.0]), Some(Way::One { from: 100.0, to: 85.0 }));
        assert_eq!(way(&[1.0, 2.0, 3.0, 4.0, 5.0]), Some(Way::One { from: 1.0, to: 5.0 }));
        assert_eq!(way(&[100.0, 99.0, 98.0, 97.0, 96.0]), None, "4 % is little");
    }

    #[test]
    fn a_series_that_goes_up_and_down_stands_still() {
        assert_eq!(way(&[100.0, 130.0, 90.0, 120.0, 80.0]), None);
        assert_eq!(way(&[0.0; 5]), None);
    }

    #[test]
    fn a_first_block_unlike_the_rest_is_a_warm_up_that_was_too_short() {
        assert_eq!(way(&[50.0, 101.0, 99.0, 100.0, 100.0]), Some(Way::Start { first: 50.0, rest: 100.0 }));
        assert_eq!(way(&[50.0, 120.0, 80.0, 100.0, 100.0]), None, "the rest differ as well");
    }

    #[test]
    fn three_blocks_tell_nothing() {
        assert_eq!(way(&[1.0, 2.0, 3.0]), None);
        assert_eq!(way(&[]), None);
    }
}
