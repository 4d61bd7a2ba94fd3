//! What is counted and timed, under the names Prometheus and Grafana use.
//!
//! | name | labels |
//! |---|---|
//! | `http_requests_total` | `method`, `route`, `status` |
//! | `http_request_duration_seconds` | `method`, `route`, `status` |
//! | `http_requests_in_flight` | |
//! | `db_pool_connections` | `state`: `in_use`, `idle`, `max` |
//! | `db_pool_wait_seconds`, `db_pool_timeouts_total`, `db_pool_refusals_total` | |
//! | `db_query_duration_seconds` | |
//! | `process_cpu_seconds_total`, `process_resident_memory_bytes` | |

use std::{fs, sync::LazyLock};

use anyhow::Context;
use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge,
    histogram,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// Upper bounds in seconds, 0.1 ms to 10 s. Without buckets the exporter makes summaries, and those of several
/// instances cannot be added up.
const BUCKETS: &[f64] =
    &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Makes this process count. Call it before anything is counted: what was counted before is lost.
///
/// # Errors
/// When it was called already.
pub fn install() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets(BUCKETS)?
        .install_recorder()
        .context("cannot install the metrics recorder")?;
    describe_counter!("http_connections_total", "Connections that clients opened.");
    describe_counter!("http_requests_total", "Requests answered.");
    describe_histogram!(
        "http_request_duration_seconds",
        Unit::Seconds,
        "From the request's head to its answer."
    );
    describe_gauge!("http_requests_in_flight", "Requests being worked on.");
    describe_gauge!("db_pool_connections", "Connections lent out (in_use), waiting (idle), allowed (max).");
    describe_histogram!(
        "db_pool_wait_seconds",
        Unit::Seconds,
        "From asking for a connection to having one, or giving up."
    );
    describe_counter!("db_pool_timeouts_total", "Times no connection came free in time.");
    describe_counter!(
        "db_pool_refusals_total",
        "Requests refused at once: too many waited for a connection."
    );
    describe_histogram!(
        "db_query_duration_seconds",
        Unit::Seconds,
        "From sending a query to its first rows."
    );
    // So that they are there, and 0, before the first request.
    LazyLock::force(&DB);
    LazyLock::force(&HTTP_CONNECTIONS);
    LazyLock::force(&HTTP_IN_FLIGHT);
    Ok(handle)
}

/// Connections that clients opened.
pub(crate) static HTTP_CONNECTIONS: LazyLock<Counter> = LazyLock::new(|| counter!("http_connections_total"));

/// Requests being worked on.
pub(crate) static HTTP_IN_FLIGHT: LazyLock<Gauge> = LazyLock::new(|| gauge!("http_requests_in_flight"));

/// The instruments of the pool. Looking one up by name takes longer than using it, so they are looked up once.
pub(crate) static DB: LazyLock<DbMetrics> = LazyLock::new(|| DbMetrics {
    in_use: gauge!("db_pool_connections", "state" => "in_use"),
    idle: gauge!("db_pool_connections", "state" => "idle"),
    max: gauge!("db_pool_connections", "state" => "max"),
    wait: histogram!("db_pool_wait_seconds"),
    timeouts: counter!("db_pool_timeouts_total"),
    refusals: counter!("db_pool_refusals_total"),
    query: histogram!("db_query_duration_seconds"),
});

pub(crate) struct DbMetrics {
    pub in_use: Gauge,
    pub idle: Gauge,
    pub max: Gauge,
    pub wait: Histogram,
    pub timeouts: Counter,
    pub refusals: Counter,
    pub query: Histogram,
}

/// Everything in Prometheus's text format.
///
/// Source: Prometheus, "Exposition formats".
pub fn render(handle: &PrometheusHandle) -> String {
    let mut text = handle.render();
    if let Some(process) = process() {
        text.push_str(&process);
    }
    text
}

/// What this process has used. By hand, because counters of the `metrics` crate are whole numbers. `None` where
/// there is no `/proc`.
///
/// Source: proc(5), `/proc/pid/stat` and `/proc/pid/status`.
fn process() -> Option<String> {
    // The second field is the program's name in parentheses, and may hold spaces.
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let resident_kib: u64 = resident.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(format!(
        "# HELP process_cpu_seconds_total CPU time used, of users and of the kernel.\n\
         # TYPE process_cpu_seconds_total counter\n\
         process_cpu_seconds_total {}\n\n\
         # HELP process_resident_memory_bytes Memory in RAM.\n\
         # TYPE process_resident_memory_bytes gauge\n\
         process_resident_memory_bytes {}\n\n",
        // Linux counts in hundredths of a second for every program, on every machine.
        (user + system) as f64 / 100.0,
        resident_kib * 1024,
    ))
}
