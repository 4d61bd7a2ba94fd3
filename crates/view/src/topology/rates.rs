//! What passes through the system just now, as the servers themselves count it.

use std::collections::BTreeMap;

/// All that was counted, over the last seconds.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// Of each server, by its name.
    pub servers: BTreeMap<String, ServerRates>,
    /// Connections of the database, where there is one.
    pub connections: Option<f64>,
    /// The phase of the running load test, for example `measuring`; `None` without one.
    pub load: Option<String>,
}

/// Of one server; `None` for what it does not count or has not counted yet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ServerRates {
    /// Whether it answered when it was asked last.
    pub answers: Option<bool>,
    /// Requests that it answered, with any status.
    pub requests_per_s: Option<f64>,
    /// Those among them that it answered with 5xx.
    pub errors_per_s: Option<f64>,
    /// Queries to the database.
    pub queries_per_s: Option<f64>,
    /// Connections of its pools that a request holds.
    pub in_use: Option<f64>,
    /// Connections that its pools may have.
    pub at_most: Option<f64>,
    /// Requests that waited for a connection in vain.
    pub gave_up_per_s: Option<f64>,
    /// Share of the look-ups in its cache, wherever that is, that found something, 0 to 1.
    pub found: Option<f64>,
    /// Calls of Redis.
    pub redis_calls_per_s: Option<f64>,
    /// Those that failed.
    pub redis_failures_per_s: Option<f64>,
    /// CPU time per second of the clock: 1 is a whole core.
    pub cpu_cores: Option<f64>,
}

/// Puts a value where it goes.
type Note = fn(&mut ServerRates, f64);

/// Where a figure comes from: a question to Prometheus that has a value for each `instance`, and where that goes. The
/// metrics are described in `docs/metrics.md`; requests by the lab and Prometheus themselves are left out.
const FIGURES: &[(&str, Note)] = &[
    ("up", |rates, value| rates.answers = Some(value > 0.0)),
    (
        r#"sum by (instance) (rate(http_requests_total{route!~"/livez|/readyz|/health|/metrics"}[10s]))"#,
        |rates, value| rates.requests_per_s = Some(value),
    ),
    (
        r#"sum by (instance) (rate(http_requests_total{route!~"/livez|/readyz|/health|/metrics", status=~"5.."}[10s]))"#,
        |rates, value| rates.errors_per_s = Some(value),
    ),
    ("sum by (instance) (rate(db_query_duration_seconds_count[10s]))", |rates, value| {
        rates.queries_per_s = Some(value);
    }),
    (r#"sum by (instance) (db_pool_connections{state="in_use"})"#, |rates, value| rates.in_use = Some(value)),
    (r#"sum by (instance) (db_pool_connections{state="max"})"#, |rates, value| rates.at_most = Some(value)),
    ("sum by (instance) (rate(db_pool_timeouts_total[10s]))", |rates, value| {
        rates.gave_up_per_s = Some(value);
    }),
    (
        r#"sum by (instance) (rate(cache_requests_total{result="hit"}[10s])) / sum by (instance) (rate(cache_requests_total[10s]))"#,
        |rates, value| rates.found = Some(value),
    ),
    ("sum by (instance) (rate(redis_call_duration_seconds_count[10s]))", |rates, value| {
        rates.redis_calls_per_s = Some(value);
    }),
    ("sum by (instance) (rate(redis_failures_total[10s]))", |rates, value| {
        rates.redis_failures_per_s = Some(value);
    }),
    ("sum by (instance) (rate(process_cpu_seconds_total[10s]))", |rates, value| {
        rates.cpu_cores = Some(value);
    }),
];

/// What the page counts for all servers together.
const CONNECTIONS: &str = "sum(lab_database_connections)";

/// All figures in one query: the label `figure` of each series names it.
pub fn question() -> String {
    let figures = FIGURES.iter().map(|(query, _)| *query).chain([CONNECTIONS]).enumerate();
    let labelled =
        figures.map(|(place, query)| format!(r#"label_replace({query}, "figure", "{place}", "", "")"#));
    labelled.collect::<Vec<_>>().join(" or ")
}

impl Rates {
    /// Notes one series of the answer to [`question`].
    pub fn note(&mut self, instance: &str, figure: &str, value: f64) {
        match figure.parse().ok().and_then(|place: usize| FIGURES.get(place)) {
            Some((_, note)) => note(self.servers.entry(instance.to_owned()).or_default(), value),
            None => self.connections = Some(value),
        }
    }
}
