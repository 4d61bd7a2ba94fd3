//! What the servers themselves have counted: who answered how much, and how much of it from a cache.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, ensure};
use loadgen::Endpoint;

use crate::plan::Desired;

/// Requests that each server answered, by its name.
pub type Served = BTreeMap<String, u64>;

/// What the servers of a service have counted so far, by their names.
#[derive(Debug, Default)]
pub struct Counters {
    /// Requests.
    pub served: Served,
    /// Those that were looked up in a cache, and those that were found there.
    looked_up: Served,
    found: Served,
}

impl Counters {
    /// Asks the servers beside `service`, and itself.
    ///
    /// # Errors
    /// When one does not say.
    pub fn read(desired: &Desired, service: &str) -> anyhow::Result<Self> {
        let mut counters = Self::default();
        let servers = desired.servers(service).filter_map(|server| Some((&server.name, server.port?.native)));
        for (name, port) in servers {
            let text = metrics(port)?;
            let note = |counts: &mut Served, metric, label| {
                anyhow::Ok(counts.insert(name.clone(), sum(&text, metric, label)?))
            };
            note(&mut counters.served, "http_requests_total", "")?;
            note(&mut counters.looked_up, "cache_requests_total", "")?;
            note(&mut counters.found, "cache_requests_total", r#"result="hit""#)?;
        }
        Ok(counters)
    }

    /// What was counted since `before`.
    pub fn since(self, before: &Self) -> Self {
        Self {
            served: between(&before.served, self.served),
            looked_up: between(&before.looked_up, self.looked_up),
            found: between(&before.found, self.found),
        }
    }

    /// Share of the look-ups that found something, 0 to 1; `None` where nothing was looked up.
    pub fn hit_rate(&self) -> Option<f64> {
        let sum = |counts: &Served| counts.values().sum::<u64>() as f64;
        (sum(&self.looked_up) > 0.0).then(|| sum(&self.found) / sum(&self.looked_up))
    }
}

/// What was counted between two counts. A server that was restarted meanwhile began at 0 again.
fn between(before: &Served, after: Served) -> Served {
    let since = |name: &str, now: u64| now.checked_sub(*before.get(name)?);
    after.into_iter().map(|(name, now)| (name.clone(), since(&name, now).unwrap_or(now))).collect()
}

/// How much more than its share the busiest server answered: 0 when all answered the same, 1 when one of two answered
/// all. Not a number when there was nothing to answer.
pub fn uneven(served: &Served) -> f64 {
    let most = served.values().copied().max().unwrap_or_default();
    let share = served.values().sum::<u64>() as f64 / served.len() as f64;
    most as f64 / share - 1.0
}

/// What the server on `port` says of itself.
fn metrics(port: u16) -> anyhow::Result<String> {
    let answer =
        loadgen::fetch(&format!("127.0.0.1:{port}"), &Endpoint::get("/metrics"), Duration::from_secs(2))?;
    ensure!(answer.status == 200, "/metrics on port {port} answers {}", answer.status);
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

/// The sum of the series of `metric` that carry `label`.
///
/// Source: Prometheus manual, "Exposition formats".
fn sum(text: &str, metric: &str, label: &str) -> anyhow::Result<u64> {
    let is_ours = |line: &&str| {
        line.strip_prefix(metric).is_some_and(|labels| labels.starts_with('{') && labels.contains(label))
    };
    let count = |line: &str| line.rsplit_once(' ').and_then(|(_, number)| number.parse::<u64>().ok());
    text.lines().filter(is_ours).map(|line| count(line).with_context(|| format!("no number: {line}"))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(counts: [u64; 2]) -> Served {
        ["app1", "app2"].map(str::to_owned).into_iter().zip(counts).collect()
    }

    #[test]
    fn requests_that_spread_evenly_have_no_busiest_server() {
        assert_eq!(uneven(&served([50, 50])), 0.0);
        assert_eq!(uneven(&served([0, 100])), 1.0);
        assert!((uneven(&served([45, 55])) - 0.1).abs() < 1e-9);
        assert!(uneven(&served([0, 0])).is_nan());
    }

    #[test]
    fn series_are_added_up_by_their_label() {
        let text = "# TYPE cache_requests_total counter\ncache_requests_total{result=\"hit\"} 3\n\
            cache_requests_total{result=\"miss\"} 1\nother{result=\"hit\"} 9\n";
        assert_eq!(sum(text, "cache_requests_total", "").unwrap(), 4);
        assert_eq!(sum(text, "cache_requests_total", r#"result="hit""#).unwrap(), 3);
        assert_eq!(sum(text, "nothing", "").unwrap(), 0);
    }

    #[test]
    fn only_what_came_in_between_counts() {
        assert_eq!(between(&served([10, 20]), served([15, 20])), served([5, 0]));
        assert_eq!(between(&served([10, 20]), served([7, 20])), served([7, 0]));
    }
}
