//! Prometheus's text format, as far as our services write it.
//!
//! Source: Prometheus manual, "Exposition formats".

use anyhow::Context;

/// How often something took time, and how much in all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timed {
    /// How often.
    pub count: u64,
    /// In all, in seconds.
    pub sum_s: f64,
}

impl Timed {
    /// Takes over what `other` holds.
    pub fn add(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum_s += other.sum_s;
    }

    /// What came since `before`.
    pub fn since(self, before: Self) -> Self {
        Self { count: self.count.saturating_sub(before.count), sum_s: (self.sum_s - before.sum_s).max(0.0) }
    }
}

/// The sum of the series of `metric` that carry `label`.
///
/// # Errors
/// When one is no whole number.
pub fn sum(text: &str, metric: &str, label: &str) -> anyhow::Result<u64> {
    let is_ours = |line: &&str| {
        line.strip_prefix(metric).is_some_and(|labels| labels.starts_with('{') && labels.contains(label))
    };
    let count = |line: &str| line.rsplit_once(' ').and_then(|(_, number)| number.parse::<u64>().ok());
    text.lines().filter(is_ours).try_fold(0_u64, |sum, line| {
        Ok(sum.saturating_add(count(line).with_context(|| format!("not a number: {line}"))?))
    })
}

/// The sum of the series of `metric` without those of health checks and scrapes.
///
/// # Errors
/// Those of [`sum`].
pub fn sum_of_load(text: &str, metric: &str) -> anyhow::Result<u64> {
    let all = sum(text, metric, "")?;
    PROBED.iter().try_fold(all, |rest, route| Ok(rest.saturating_sub(sum(text, metric, route)?)))
}

/// The routes that only health checks and scrapes ask for, the lab's own included. They are no requests of a load.
const PROBED: [&str; 4] =
    [r#"route="/livez""#, r#"route="/readyz""#, r#"route="/health""#, r#"route="/metrics""#];

/// All series of the histogram `metric` together, without those of health checks and scrapes.
pub fn timed(text: &str, metric: &str) -> Timed {
    let total = |suffix: &str| {
        let is_ours = |line: &&str| {
            line.strip_prefix(metric)
                .and_then(|rest| rest.strip_prefix(suffix))
                .is_some_and(|rest| rest.starts_with(['{', ' ']))
        };
        let number = |line: &str| line.rsplit_once(' ').and_then(|(_, number)| number.parse::<f64>().ok());
        let is_load = |line: &&str| !PROBED.iter().any(|route| line.contains(route));
        text.lines().filter(is_ours).filter(is_load).filter_map(number).sum::<f64>()
    };
    Timed { count: total("_count") as u64, sum_s: total("_sum") }
}

/// The one series of `metric` that has no labels.
pub fn value(text: &str, metric: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix(' '))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_added_up_by_their_label() {
        let text = "# TYPE cache_requests_total counter\ncache_requests_total{result=\"hit\"} 3\n\
            cache_requests_total{result=\"miss\"} 1\nother{result=\"hit\"} 9\n";
        assert_eq!(sum(text, "cache_requests_total", "").unwrap(), 4);
        assert_eq!(sum(text, "cache_requests_total", r#"result="hit""#).unwrap(), 3);
        assert_eq!(sum(text, "nothing", "").unwrap(), 0);
        assert_eq!(sum_of_load(text, "cache_requests_total").unwrap(), 4);
        assert_eq!(value("# TYPE cpu_s counter\ncpu_s 1.25\n", "cpu_s"), Some(1.25));
        assert_eq!(value(text, "cpu_s"), None);
    }

    #[test]
    fn health_checks_and_scrapes_are_no_requests_of_the_load() {
        let line = |route, status, count| {
            format!("http_requests_total{{method=\"GET\",route=\"{route}\",status=\"{status}\"}} {count}\n")
        };
        let probes = ["/livez", "/readyz", "/health", "/metrics"].map(|route| line(route, 200, 90));
        let text =
            probes.concat() + &line("/readyz", 503, 9) + &line("/healthy", 200, 2) + &line("/", 404, 1);
        assert_eq!(sum_of_load(&text, "http_requests_total").unwrap(), 3);
        assert_eq!(sum(&text, "http_requests_total", "").unwrap(), 372);
    }

    #[test]
    fn the_times_of_all_routes_of_the_load_are_added_up() {
        let text = "wait_seconds_bucket{le=\"0.1\"} 9\nwait_seconds_sum{route=\"/a\"} 1.5\nwait_seconds_count{route=\"/a\"} 3\n\
            wait_seconds_sum{route=\"/b\"} 0.25\nwait_seconds_count{route=\"/b\"} 1\nwait_seconds_total 7\n\
            wait_seconds_sum{method=\"GET\",route=\"/metrics\"} 9\nwait_seconds_count{method=\"GET\",route=\"/metrics\"} 90\n\
            wait_seconds_sum{route=\"/health\"} 9\nwait_seconds_count{route=\"/health\"} 90\n";
        assert_eq!(timed(text, "wait_seconds"), Timed { count: 4, sum_s: 1.75 });
        assert_eq!(
            timed("wait_seconds_sum 0.5\nwait_seconds_count 2\n", "wait_seconds"),
            Timed { count: 2, sum_s: 0.5 }
        );
    }
}
