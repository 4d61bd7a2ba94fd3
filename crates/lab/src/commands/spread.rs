//! How requests spread over servers, by the servers' own counters.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, ensure};

use crate::plan::Desired;

/// Requests that each server answered, by its name.
pub type Served = BTreeMap<String, u64>;

/// What the servers beside `service`, and itself, have counted so far.
///
/// # Errors
/// When one does not say.
pub fn count(desired: &Desired, service: &str) -> anyhow::Result<Served> {
    let servers = desired.servers(service).filter_map(|server| Some((&server.name, server.port?.native)));
    servers.map(|(name, port)| Ok((name.clone(), requests(port)?))).collect()
}

/// What was answered between two counts. A server that was restarted meanwhile began at 0 again.
pub fn between(before: &Served, after: Served) -> Served {
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

/// The sum of `http_requests_total`, as the server on `port` counts.
///
/// Source: Prometheus manual, "Exposition formats".
fn requests(port: u16) -> anyhow::Result<u64> {
    let metrics: loadgen::Endpoint = serde_json::from_str(r#"{"name": "metrics", "path": "/metrics"}"#)?;
    let answer = loadgen::fetch(&format!("127.0.0.1:{port}"), &metrics, Duration::from_secs(2))?;
    ensure!(answer.status == 200, "/metrics on port {port} answers {}", answer.status);
    let text = String::from_utf8_lossy(&answer.body);
    let series = text.lines().filter(|line| line.starts_with("http_requests_total{"));
    let count = |line: &str| line.rsplit_once(' ').and_then(|(_, number)| number.parse::<u64>().ok());
    series.map(|line| count(line).with_context(|| format!("no number: {line}"))).sum()
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
    fn only_what_came_in_between_counts() {
        assert_eq!(between(&served([10, 20]), served([15, 20])), served([5, 0]));
        assert_eq!(between(&served([10, 20]), served([7, 20])), served([7, 0]));
    }
}
