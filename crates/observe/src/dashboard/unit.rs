//! What the values of a panel are counted in.

use format::number;
use serde::Deserialize;

/// A unit, by Grafana's name.
///
/// Source: Grafana manual, "Standard options", "Unit".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// A number of something.
    Short,
    /// Requests per second.
    Reqps,
    /// A share, 0 to 1.
    Percentunit,
    /// Seconds.
    S,
    /// Bytes.
    Bytes,
}

/// How values are written that stand beside each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// What one of the unit is here.
    pub factor: f64,
    /// What follows the number.
    pub suffix: &'static str,
}

impl Unit {
    /// For values of which `most` is the largest.
    pub fn scale(self, most: f64) -> Scale {
        let (factor, suffix) = match self {
            Self::Short => (1.0, ""),
            Self::Reqps => (1.0, "/s"),
            Self::Percentunit => (100.0, "%"),
            Self::S if most < 1.0 => (1_000.0, "ms"),
            Self::S => (1.0, "s"),
            Self::Bytes => (1.0 / 1_048_576.0, "MiB"),
        };
        Scale { factor, suffix }
    }
}

impl Scale {
    /// `value` with as many digits as tell something.
    pub fn show(self, value: f64) -> String {
        let value = value * self.factor;
        let decimals = match value.abs() {
            // A count stays one.
            _ if value.fract() == 0.0 => 0,
            100.0.. => 0,
            10.0.. => 1,
            _ => 2,
        };
        let space = if self.suffix.is_empty() || self.suffix == "/s" { "" } else { " " };
        format!("{}{space}{}", number(value, decimals), self.suffix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_people_say_them() {
        let show = |unit: Unit, value: f64| unit.scale(value).show(value);
        assert_eq!(show(Unit::Short, 20.0), "20");
        assert_eq!(show(Unit::Reqps, 1_234.56), "1,235/s");
        assert_eq!(show(Unit::Percentunit, 0.4321), "43.2 %");
        assert_eq!(show(Unit::S, 0.0437), "43.7 ms");
        assert_eq!(show(Unit::S, 2.5), "2.50 s");
        assert_eq!(show(Unit::Bytes, 11.0 * 1_048_576.0), "11 MiB");
    }
}
