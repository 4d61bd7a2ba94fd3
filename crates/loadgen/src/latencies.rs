//! Latencies in a fixed space, however many: an HDR histogram that reads and writes itself as text.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{Deserializer as HistogramReader, Serializer as _, V2DeflateSerializer},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

/// The longest latency kept apart from longer ones.
const LONGEST: Duration = Duration::from_secs(120);

/// Latencies from 1 µs to 120 s to three significant digits: a percentile is at most 0.1 % too high.
///
/// Takes 147 kB however many are recorded. In JSON it is a string, the V2 deflate format of HdrHistogram in base64, which the
/// plotters of that family read.
#[derive(Clone, Debug, PartialEq)]
pub struct Latencies(Histogram<u64>);

impl Latencies {
    pub(crate) fn record(&mut self, latency: Duration) {
        self.0
            .saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }

    /// Takes over what `other` holds.
    pub fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("all histograms have the same bounds");
    }

    /// How many were recorded.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The latency in milliseconds that a share `quantile` (0 to 1) of them did not exceed; `None` when there are none.
    pub fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        (!self.0.is_empty()).then(|| milliseconds(self.0.value_at_quantile(quantile) as f64))
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

impl Serialize for Latencies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(&self.0, &mut bytes)
            .map_err(S::Error::custom)?;
        serializer.serialize_str(&STANDARD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Latencies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = STANDARD
            .decode(String::deserialize(deserializer)?)
            .map_err(D::Error::custom)?;
        let mut all = Self::default();
        let read: Histogram<u64> = HistogramReader::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(D::Error::custom)?;
        all.0.add(&read).map_err(D::Error::custom)?;
        Ok(all)
    }
}

/// Microseconds as milliseconds, rounded to the microsecond that was measured.
fn milliseconds(microseconds: f64) -> f64 {
    microseconds.round() / 1_000.0
}
