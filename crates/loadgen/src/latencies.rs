//! Latencies in a fixed amount of memory: an HDR histogram that can be saved as text.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{Deserializer as HistogramReader, Serializer as _, V2DeflateSerializer},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

/// Longer latencies count as this one.
const LONGEST: Duration = Duration::from_secs(120);

/// Latencies from 1 µs to 120 s to three significant digits: a percentile is at most 0.1 % too high.
///
/// Takes 147 kB, independent of how many are recorded. In JSON it is a string, the V2 deflate format of HdrHistogram in
/// base64, which the plotters of that family read.
#[derive(Clone, PartialEq)]
pub struct Latencies(Histogram<u64>);

/// Samples that must lie beyond a percentile: with fewer it is one of the few slowest answers, and differs from run to
/// run as these do. With one beyond it, p99 of 100 answers is their maximum or the one before.
const SAMPLES_BEYOND: f64 = 5.0;

/// How many samples the percentile `quantile` (0 to 1) needs: 10 for p50, 100 for p95, 500 for p99.
pub fn samples_needed(quantile: f64) -> u64 {
    (SAMPLES_BEYOND / (1.0 - quantile)).round() as u64
}

impl Latencies {
    pub(crate) fn record(&mut self, latency: Duration) {
        self.0.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }

    /// Adds the latencies of `other`.
    pub fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("all histograms have the same bounds");
    }

    /// How many were recorded.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Whether enough were recorded for the percentile `quantile` (0 to 1), see [`samples_needed`].
    pub fn is_reliable(&self, quantile: f64) -> bool {
        self.count() >= samples_needed(quantile)
    }

    /// The latency in milliseconds that a share `quantile` (0 to 1) of them did not exceed; `None` when there
    /// are none.
    pub fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        (!self.0.is_empty()).then(|| milliseconds(self.0.value_at_quantile(quantile) as f64))
    }

    /// How many fall into each of `parts` ranges from the smallest to the largest, each as many times as long as the one
    /// before; empty when there are none.
    pub fn spread(&self, parts: usize) -> Vec<u64> {
        let (least, most) = (self.0.min().max(1) as f64, self.0.max() as f64);
        let ratio = (most / least).powf(1.0 / parts as f64);
        let mut counts = vec![0; if self.0.is_empty() { 0 } else { parts }];
        for value in self.0.iter_recorded() {
            let part = ((value.value_iterated_to() as f64 / least).ln() / ratio.ln()) as usize;
            counts[part.min(parts - 1)] += value.count_at_value();
        }
        counts
    }

    /// The mean in milliseconds; `None` when there are none.
    pub fn mean_ms(&self) -> Option<f64> {
        (!self.0.is_empty()).then(|| milliseconds(self.0.mean()))
    }
}

impl Default for Latencies {
    fn default() -> Self {
        let longest = LONGEST.as_micros() as u64;
        Self(Histogram::new_with_bounds(1, longest, 3).expect("the bounds are in order"))
    }
}

impl fmt::Debug for Latencies {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        // Not its 18,432 counters.
        write!(formatter, "{} latencies of {:?} ms on average", self.count(), self.mean_ms())
    }
}

impl Serialize for Latencies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&self.0, &mut bytes).map_err(S::Error::custom)?;
        serializer.serialize_str(&STANDARD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Latencies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)?;
        let mut all = Self::default();
        let read: Histogram<u64> =
            HistogramReader::new().deserialize(&mut bytes.as_slice()).map_err(D::Error::custom)?;
        all.0.add(&read).map_err(D::Error::custom)?;
        Ok(all)
    }
}

/// Microseconds as milliseconds, rounded to the microsecond that was measured.
fn milliseconds(microseconds: f64) -> f64 {
    microseconds.round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn recorded(microseconds: &[u64]) -> Latencies {
        let mut all = Latencies::default();
        microseconds.iter().for_each(|&each| all.record(Duration::from_micros(each)));
        all
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_one_percent_of_the_exact_one(
            mut samples in vec(1..120_000_000_u64, 1..2_000),
            percent in prop::sample::select(vec![50, 95, 99, 100_usize]),
        ) {
            let all = recorded(&samples);
            samples.sort_unstable();
            let rank = (percent * samples.len()).div_ceil(100);
            let exact_ms = samples[rank - 1] as f64 / 1_000.0;
            let read_ms = all.quantile_ms(percent as f64 / 100.0).expect("there are samples");
            prop_assert!((read_ms / exact_ms - 1.0).abs() < 0.01, "{read_ms} for {exact_ms}");
        }

        #[test]
        fn latencies_read_back_as_they_were_written(samples in vec(0..200_000_000_u64, 0..200)) {
            let all = recorded(&samples);
            let text = serde_json::to_string(&all).expect("writes");
            prop_assert_eq!(serde_json::from_str::<Latencies>(&text).expect("reads"), all);
        }
    }

    #[test]
    fn five_samples_beyond_a_percentile_make_it_reliable_and_four_do_not() {
        for (quantile, needed) in [(0.5, 10), (0.95, 100), (0.99, 500)] {
            assert_eq!(samples_needed(quantile), needed);
            assert!(recorded(&vec![1; needed as usize]).is_reliable(quantile));
            assert!(!recorded(&vec![1; needed as usize - 1]).is_reliable(quantile));
        }
    }

    #[test]
    fn no_latency_has_no_quantile() {
        let none = Latencies::default();
        assert_eq!((none.quantile_ms(0.5), none.mean_ms()), (None, None));
    }

    #[test]
    fn a_latency_beyond_the_longest_counts_as_the_longest() {
        let longest = recorded(&[500_000_000]).quantile_ms(1.0);
        assert!(longest.is_some_and(|longest| (120_000.0..120_200.0).contains(&longest)));
    }
}
