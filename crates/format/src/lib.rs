//! Numbers, times and units as people read them: the same number looks the same in the terminal, on the page and in a report.

use std::time::SystemTime;

/// A share as per cent with one digit, rounded down: `100.0 %` means all of them.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", (share * 1_000.0).floor() / 10.0)
}

/// A share as whole per cent, for sentences: `43 %`.
pub fn whole_percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// With thousands set apart: `12,345.6`.
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

/// With about three digits and no zeros at the end: `0.125`, `8.4`, `352`.
pub fn short(number: f64) -> String {
    let digits = match number.abs() {
        100.0.. => 0,
        1.0.. => 1,
        _ => 3,
    };
    let shown = format!("{number:.digits$}");
    if shown.contains('.') { shown.trim_end_matches('0').trim_end_matches('.').to_owned() } else { shown }
}

/// A ratio with three digits, since more would be noise: `2.03`, `12.4`, `150`.
pub fn ratio(value: f64) -> String {
    match value {
        _ if !value.is_finite() => "∞".to_owned(),
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Milliseconds with about two digits: `8.4 ms`, `352 ms`.
pub fn ms(ms: f64) -> String {
    if ms < 10.0 { format!("{ms:.1} ms") } else { format!("{ms:.0} ms") }
}

/// Seconds as milliseconds, fine enough for a query: `0.052 ms`, `8.4 ms`, `352 ms`.
pub fn precise_ms(seconds: f64) -> String {
    match seconds * 1_000.0 {
        ms @ ..1.0 => format!("{ms:.3} ms"),
        ms @ ..100.0 => format!("{ms:.1} ms"),
        ms => format!("{ms:.0} ms"),
    }
}

/// The throughput of a load test, in requests per second: `6,052.4`.
pub fn throughput(per_s: f64) -> String {
    number(per_s, 1)
}

/// A latency of a load test: `1,534.2 ms`.
pub fn latency(ms: f64) -> String {
    format!("{} ms", number(ms, 1))
}

/// How many: `10,006`.
pub fn count(count: u64) -> String {
    number(count as f64, 0)
}

/// How long a query took by its plan, with PostgreSQL's own digits: `8.517 ms`.
pub fn query_time(ms: f64) -> String {
    format!("{ms:.3} ms")
}

/// A rate, per second: `8.4`, `352`.
pub fn per_second(rate: f64) -> String {
    if rate < 100.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

/// CPU in cores, fine enough for a small cap: `0.252`, `1.97`.
pub fn cores(cores: f64) -> String {
    if cores < 0.995 { format!("{cores:.3}") } else { format!("{cores:.2}") }
}

/// A size on a disk: `12 MB`, `3.4 GB`.
pub fn bytes(bytes: u64) -> String {
    match bytes as f64 / 1e6 {
        mb @ ..1_000.0 => format!("{mb:.0} MB"),
        mb => format!("{:.1} GB", mb / 1e3),
    }
}

/// `1 server`, `2 servers`, `10,000 servers`, `0.1 servers`.
pub fn counted(count: f64, what: &str) -> String {
    let count = (count * 1_000.0).round() / 1_000.0;
    let decimals = count.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    format!("{} {what}{}", number(count, decimals), if count == 1.0 { "" } else { "s" })
}

/// The verb after so many: `1 of 8 is reached`, `2 of 8 are reached`.
pub fn is_or_are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// A chart in one line: a block per value, as high as the value is against the largest: `▁▃█`.
pub fn bars(values: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let largest = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let highest = (BLOCKS.len() - 1) as f64;
    values.iter().map(|value| BLOCKS[(highest * value.max(0.0) / largest).round() as usize]).collect()
}

/// How long ago, in words that stay true for a while.
pub fn ago(when: SystemTime) -> String {
    match when.elapsed().unwrap_or_default().as_secs() {
        0..60 => "less than a minute ago".to_owned(),
        seconds @ 60..3_600 => format!("{} min ago", seconds / 60),
        seconds => format!("{} h ago", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(number(1_234_567.25, 1), "1,234,567.2");
        assert_eq!(number(123.0, 0), "123");
    }

    #[test]
    fn a_hundred_per_cent_means_all() {
        assert_eq!(percent(0.999_9), "99.9 %");
        assert_eq!(percent(1.0), "100.0 %");
    }

    #[test]
    fn a_bar_is_as_high_as_its_value() {
        assert_eq!(bars(&[0.0, 50.0, 100.0]), "▁▅█");
        assert_eq!(bars(&[0.0, 0.0]), "▁▁");
        assert_eq!(bars(&[]), "");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(1.0, "server"), "1 server");
        assert_eq!(counted(0.5, "core"), "0.5 cores");
        assert_eq!(counted(10_000.0, "user"), "10,000 users");
        assert_eq!([0, 1, 2].map(is_or_are), ["are", "is", "are"]);
    }
}
