//! The arguments of `lab predict`.

use std::time::Duration;

use clap::Args;

use super::values::rate;

/// `lab predict`.
#[derive(Clone, Debug, Args)]
pub struct Predict {
    /// Concurrent users [default: the lesson's].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub users: Option<u32>,
    /// Requests per second, whether or not earlier ones were answered (open loop).
    #[arg(long, value_name = "PER_SECOND", conflicts_with = "users", value_parser = rate)]
    pub rate: Option<f64>,
    /// Servers of the measured size [default: as in the compose file].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub servers: Option<u32>,
    /// Connections in each server's pool [default: as it runs].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub pool: Option<u32>,
    /// Connections that the database accepts in all [default: its setting].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub connections: Option<u32>,
    /// Multiply the number of rows, for example 10x.
    #[arg(long, value_name = "FACTOR", value_parser = factor)]
    pub rows: Option<f64>,
    /// How long a request holds its connection, instead of the measured time, for example 50ms.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub service: Option<Duration>,
    /// How long a request waits for a connection before it fails, for example 200ms [default: as measured].
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub wait: Option<Duration>,
    /// Predict only this endpoint of the lesson.
    #[arg(long, value_name = "ENDPOINT")]
    pub only: Option<String>,
    /// Run to compute from [default: the last one with the same requests].
    #[arg(long)]
    pub run: Option<String>,
    /// Your own guess, in successful requests per second. It is shown beside the result of the next load test.
    #[arg(long, value_name = "PER_SECOND", value_parser = guess)]
    pub guess: Option<f64>,
}

/// No machine that a lab runs on serves more.
pub const MOST_PER_S: f64 = 10_000_000.0;

fn guess(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(per_s @ 0.0..=MOST_PER_S) => Ok(per_s),
        _ => Err("write successful requests per second, like 500".to_owned()),
    }
}

/// `10x` or `0.5`.
fn factor(text: &str) -> Result<f64, String> {
    match text.trim_end_matches('x').parse() {
        Ok(factor @ 0.001..=1_000_000.0) => Ok(factor),
        _ => Err("write it like 10x or 0.5x".to_owned()),
    }
}

/// `50ms`, `0.5ms` or `2s`.
fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.trim_end_matches('s'), 1.0),
    };
    match number.parse::<f64>() {
        Ok(number) if text.ends_with('s') && (0.000_001..=3_600.0).contains(&(number * unit)) => {
            Ok(Duration::from_secs_f64(number * unit))
        }
        _ => Err("write it like 50ms or 2s".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(time("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(time("0.5ms"), Ok(Duration::from_micros(500)));
        assert_eq!(time("2s"), Ok(Duration::from_secs(2)));
        for wrong in ["50", "ms", "-1s", "0s", "3601s", "NaNs", "soon"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn factors_and_guesses_are_numbers() {
        assert_eq!((factor("10x"), factor("0.5")), (Ok(10.0), Ok(0.5)));
        assert_eq!(guess("500"), Ok(500.0));
        for wrong in ["0", "x", "NaN", "-1"] {
            assert!(factor(wrong).is_err(), "{wrong}");
        }
        assert!(guess("many").is_err() && guess("NaN").is_err());
    }
}
