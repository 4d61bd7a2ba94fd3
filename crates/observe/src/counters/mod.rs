//! What the servers themselves have counted: who answered how much, how much of it from a cache, at what cost.

mod text;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Sub,
    time::Duration,
};

use anyhow::{Context, ensure};
use compose::service_spec::Service;
use loadgen::Endpoint;
use project::spec_file::Spec;
use serde_json::Value;

use crate::counters::text::{Timed, sum, sum_of_load, timed, value};

/// Requests that each server answered, by its name, without health checks and scrapes.
pub type Served = BTreeMap<String, u64>;

/// What the servers of a service have counted so far, by their names.
#[derive(Debug, Default)]
pub struct Counters {
    /// Requests.
    pub served: Served,
    /// The same with health checks and scrapes, which open connections as well.
    asked: Served,
    /// Those that were looked up in a cache, and those that were found there.
    looked_up: Served,
    found: Served,
    /// Connections that clients opened.
    opened: Served,
    /// CPU time, in seconds.
    cpu_s: BTreeMap<String, f64>,
    /// Time that requests took, of all servers together; so are those below.
    pub requested: Timed,
    /// Time that requests waited for a connection to the database.
    pub waited: Timed,
    /// Time that queries took.
    pub queried: Timed,
    /// Requests that got no connection in time.
    pub timeouts: u64,
    /// Connections that the pools may hold: those that stay open without load.
    pub pool: u64,
}

impl Counters {
    /// Reads the counters of the servers that share the requests to `entry`.
    ///
    /// # Errors
    /// When a server does not report it.
    pub fn read(spec: &Spec, entry: &Service) -> anyhow::Result<Self> {
        let mut counters = Self::default();
        let servers = spec.servers(entry).filter_map(|server| Some((&server.name, server.port?.native)));
        for (name, port) in servers {
            counters.add(name, &ask(port, "/metrics")?)?;
        }
        Ok(counters)
    }

    /// Adds what the server `name` answers at `/metrics`.
    ///
    /// # Errors
    /// When a count of requests is no whole number.
    pub fn add(&mut self, name: &str, metrics: &str) -> anyhow::Result<()> {
        let note = |counts: &mut Served, metric, label| {
            anyhow::Ok(counts.insert(name.to_owned(), sum(metrics, metric, label)?))
        };
        self.served.insert(name.to_owned(), sum_of_load(metrics, "http_requests_total")?);
        note(&mut self.asked, "http_requests_total", "")?;
        note(&mut self.looked_up, "cache_requests_total", "")?;
        note(&mut self.found, "cache_requests_total", r#"result="hit""#)?;
        let opened = value(metrics, "http_connections_total").map(|opened| (name.to_owned(), opened as u64));
        self.opened.extend(opened);
        let cpu_s = value(metrics, "process_cpu_seconds_total").map(|cpu_s| (name.to_owned(), cpu_s));
        self.cpu_s.extend(cpu_s);
        self.requested.add(timed(metrics, "http_request_duration_seconds"));
        self.waited.add(timed(metrics, "db_pool_wait_seconds"));
        self.queried.add(timed(metrics, "db_query_duration_seconds"));
        let timeouts = value(metrics, "db_pool_timeouts_total").unwrap_or_default() as u64;
        self.timeouts = self.timeouts.saturating_add(timeouts);
        let pool = sum(metrics, "db_pool_connections", r#"state="max""#).unwrap_or_default();
        self.pool = self.pool.saturating_add(pool);
        Ok(())
    }

    /// What was counted since `before`.
    pub fn since(self, before: &Self) -> Self {
        Self {
            served: between(&before.served, self.served),
            asked: between(&before.asked, self.asked),
            looked_up: between(&before.looked_up, self.looked_up),
            found: between(&before.found, self.found),
            opened: between(&before.opened, self.opened),
            cpu_s: between(&before.cpu_s, self.cpu_s),
            requested: self.requested.since(before.requested),
            waited: self.waited.since(before.waited),
            queried: self.queried.since(before.queried),
            timeouts: self.timeouts.saturating_sub(before.timeouts),
            // Pools that came with requests go with them, a moment later.
            pool: before.pool,
        }
    }

    /// CPU time of all servers together, in seconds.
    pub fn cpu_s(&self) -> f64 {
        self.cpu_s.values().sum()
    }

    /// CPU time of the server that used most of it, in seconds; `None` without servers.
    pub fn most_cpu_s(&self) -> Option<f64> {
        self.cpu_s.values().copied().max_by(f64::total_cmp)
    }

    /// Connections that clients opened per request, of all servers together; `None` when there was no request.
    pub fn connections_per_request(&self) -> Option<f64> {
        share(&self.opened, &self.asked)
    }

    /// Share of the look-ups that found something, 0 to 1; `None` where nothing was looked up.
    pub fn hit_rate(&self) -> Option<f64> {
        share(&self.found, &self.looked_up)
    }
}

/// What was counted between two counts. A server that was restarted meanwhile began at 0 again.
fn between<T: Copy + PartialOrd + Sub<Output = T>>(
    before: &BTreeMap<String, T>,
    after: BTreeMap<String, T>,
) -> BTreeMap<String, T> {
    let since =
        |name: &str, now| before.get(name).filter(|then| **then <= now).map_or(now, |then| now - *then);
    after.into_iter().map(|(name, now)| (name.clone(), since(&name, now))).collect()
}

/// The ratio of `part` to `whole`; `None` if `whole` is zero.
fn share(part: &Served, whole: &Served) -> Option<f64> {
    let [part, whole] = [part, whole].map(total);
    (whole > 0.0).then(|| part / whole)
}

/// Of all servers together.
fn total(served: &Served) -> f64 {
    served.values().map(|count| *count as f64).sum()
}

/// How much more than its share the busiest server answered: 0 when all answered the same, 1 when one of two answered
/// all. Not a number when there was nothing to answer.
pub fn uneven(served: &Served) -> f64 {
    let most = served.values().copied().max().unwrap_or_default();
    let share = total(served) / served.len() as f64;
    most as f64 / share - 1.0
}

/// Servers that answered at least half of an even share.
pub fn at_work(served: &Served) -> usize {
    let share = total(served) / served.len() as f64;
    served.values().filter(|count| **count > 0 && **count as f64 >= share / 2.0).count()
}

/// How many of the servers that share the requests to `entry` call themselves what another one does. One that does
/// not say just now is not counted.
pub fn namesakes(spec: &Spec, entry: &Service) -> usize {
    let ports = spec.servers(entry).filter_map(|server| server.port);
    let names: Vec<_> = ports.filter_map(|port| name(port.native).ok()).collect();
    names.len() - names.iter().collect::<BTreeSet<_>>().len()
}

/// The servers of those that share the requests to `entry` that use a connection to the database just now.
///
/// # Errors
/// When one of them does not answer.
pub fn at_the_database<'a>(spec: &'a Spec, entry: &'a Service) -> anyhow::Result<Vec<&'a Service>> {
    let mut busy = Vec::new();
    for server in spec.servers(entry) {
        let Some(port) = server.port else { continue };
        if sum(&ask(port.native, "/metrics")?, "db_pool_connections", r#"state="in_use""#)? > 0 {
            busy.push(server);
        }
    }
    Ok(busy)
}

/// What the server on `port` calls itself.
fn name(port: u16) -> anyhow::Result<String> {
    let health: Value = serde_json::from_str(&ask(port, "/health")?)?;
    Ok(health["instance"].as_str().context("/health names no instance")?.to_owned())
}

/// The body that the server on `port` answers at `path`.
fn ask(port: u16, path: &str) -> anyhow::Result<String> {
    let answer = loadgen::fetch(&format!("127.0.0.1:{port}"), &Endpoint::get(path), Duration::from_secs(2))?;
    ensure!(answer.status == 200, "{path} on port {port} answers {}", answer.status);
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
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
        assert_eq!(at_work(&served([50, 50])), 2);
        assert_eq!(at_work(&served([1, 99])), 1);
        assert_eq!(at_work(&served([0, 0])), 0);
    }

    #[test]
    fn connections_are_those_of_all_servers_for_all_requests() {
        let counters = Counters { asked: served([30, 10]), opened: served([8, 2]), ..Counters::default() };
        assert_eq!(counters.connections_per_request(), Some(0.25));
        assert_eq!(Counters::default().connections_per_request(), None);
    }

    #[test]
    fn only_what_came_in_between_counts() {
        assert_eq!(between(&served([10, 20]), served([15, 20])), served([5, 0]));
        assert_eq!(between(&served([10, 20]), served([7, 20])), served([7, 0]));
    }
}
