//! Noise: how much two runs of the same program differ.

use crate::Scale;

/// The standard deviation of the difference between two runs of the same program: 0.02 when two in three differ by less
/// than 2 %.
///
/// Estimated from the median difference, so that one run that a backup disturbed does not decide what counts as a
/// difference from then on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise(pub f64);

/// Half of all values of a normal distribution are within this many standard deviations.
const MEDIAN_OF_NORMAL: f64 = 0.6745;

/// Pairs of runs that an estimate needs, at least.
const FEWEST: usize = 3;

impl Noise {
    /// The noise between single runs on a machine that other programs keep busy, also where less was measured while it was
    /// idle. In three recorded series, 95 % of the runs differ by less than 14, 27 and 28 %; the margin is twice this, so
    /// that it also covers worse ones.
    pub const BUSY_MACHINE: Self = Self(0.2);

    /// Estimates the noise from pairs of runs of the same program; `None` when they are too few.
    pub fn of(scale: Scale, pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let distance = |(one, other)| scale.distance(scale.change(one, other));
        let mut distances: Vec<f64> = pairs.into_iter().map(distance).filter(|d| d.is_finite()).collect();
        distances.sort_by(f64::total_cmp);
        let median = (distances.len() >= FEWEST).then(|| distances[distances.len() / 2]);
        median.map(|median| Self(median / MEDIAN_OF_NORMAL))
    }

    /// The margin that a difference has to exceed: twice the noise, and at least the smallest change that matters.
    pub fn margin(noise: Option<Self>, scale: Scale) -> f64 {
        noise.map_or(0.0, |Self(noise)| 2.0 * noise).max(scale.smallest_margin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_in_five_that_was_disturbed_does_not_decide() {
        let quiet = [(100.0, 101.0), (101.0, 100.0), (100.0, 101.0), (101.0, 100.0)];
        let disturbed = quiet.into_iter().chain([(100.0, 50.0)]);
        let noise = Noise::of(Scale::Ratio, disturbed).expect("five are enough");
        assert!((0.0148..0.0149).contains(&noise.0), "{noise:?}");
    }

    #[test]
    fn the_margin_is_twice_the_noise_and_at_least_three_percent() {
        let margin = |noise| Noise::margin(noise, Scale::Ratio);
        assert_eq!(margin(Some(Noise(0.015))), 0.03);
        assert_eq!(margin(Some(Noise(0.016))), 0.032);
        assert_eq!(margin(None), 0.03);
    }

    #[test]
    fn two_pairs_tell_nothing() {
        assert_eq!(Noise::of(Scale::Ratio, [(1.0, 2.0); 2]), None);
    }
}
