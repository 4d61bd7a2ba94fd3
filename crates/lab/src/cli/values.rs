//! Values that several commands take.

use std::time::Duration;

/// Requests per second; 0.5 is one every two seconds.
pub fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate @ 0.1..=200_000.0) => Ok(rate),
        _ => Err("write it like 500 or 0.5, up to 200000 per second".to_owned()),
    }
}

/// `30s`, `30` or `2m`, up to an hour.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let (number, unit) =
        text.strip_suffix('m').map_or((text.trim_end_matches('s'), 1), |number| (number, 60));
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)) {
        Some(seconds @ 1..=3_600) => Ok(Duration::from_secs(seconds)),
        _ => Err("write it like 30s or 2m, up to 60m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units_and_limits() {
        assert_eq!(seconds("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(seconds("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(seconds("3600"), Ok(Duration::from_secs(3_600)));
        for wrong in ["0", "3601", "-1", "soon", "", "99999999999999999999m"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rates_may_be_slow_but_not_nothing() {
        assert_eq!(rate("500"), Ok(500.0));
        assert_eq!(rate("0.5"), Ok(0.5));
        for wrong in ["0", "-1", "NaN", "inf", "many", ""] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }
}
