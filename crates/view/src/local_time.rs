//! When something happened, on the clock of this machine.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Local};

/// `14:05`.
pub fn time_of_day(when: SystemTime) -> String {
    DateTime::<Local>::from(when).format("%H:%M").to_string()
}

/// `28 November 2026, 14:05`.
pub fn date_and_time(when: SystemTime) -> String {
    DateTime::<Local>::from(when).format("%-d %B %Y, %H:%M").to_string()
}

/// Seconds of Unix time as a moment.
pub fn at(unix_s: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(unix_s)
}
