//! `GET /metrics` of the lab's page: what the lab knows of a scenario and its servers do not, for Prometheus. The names are
//! explained in `docs/metrics.md`.

use std::{collections::BTreeMap, fmt::Write, thread, time::Duration};

use compose::service_spec::CpuCap;
use loadgen::Outcome;
use observe::{
    connection_probe::Probes,
    freshness::Reads,
    live_figures::{LiveFigures, LoadNow},
};
use project::{
    Scenario,
    database::{self, in_full},
    spec_file::Spec,
};
use tokio::time::timeout;

/// Knows a scenario.
pub struct Metrics {
    scenario: Scenario,
}

/// Prometheus waits a second for all of it.
const PATIENCE: Duration = Duration::from_millis(700);

/// All connections but the lab's.
const CONNECTIONS: &str = "SELECT coalesce(state, 'starting'), count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND application_name <> 'lab' GROUP BY 1";

/// How many there may be, how many of them are for superusers only, and how old the oldest transaction of one is, in seconds.
const LIMITS: &str = "SELECT current_setting('max_connections')::bigint,
    current_setting('superuser_reserved_connections')::bigint,
    coalesce(extract(epoch FROM clock_timestamp() - min(xact_start)), 0)::float8
    FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'lab'";

impl Metrics {
    /// Those of `scenario`.
    pub fn new(scenario: Scenario) -> Self {
        Self { scenario }
    }

    /// In Prometheus's text format. What cannot be known just now is left out.
    ///
    /// Source: Prometheus manual, "Exposition formats".
    pub async fn text(&self) -> String {
        let mut text = Text(String::new());
        let spec = Spec::read(&self.scenario);
        if let Some(spec) = &spec {
            let servers = spec.services.iter().filter(|service| service.program().is_some());
            let all = thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
            let caps = servers.map(|server| (&*server.name, server.cpu_cap.map_or(all, CpuCap::cores)));
            text.gauges("lab_cpu_cap_cores", "CPU that a server may use, in cores.", "server", caps);
            if let Ok(Ok(connections)) = timeout(PATIENCE, self.database(spec)).await {
                connections.write(&mut text);
            }
        }
        load(&LiveFigures::of(&self.scenario), &mut text);
        text.0
    }

    /// Asks on a connection that lives no longer than that: one that is kept would be one of the few that the lesson has.
    async fn database(&self, spec: &Spec) -> anyhow::Result<Connections> {
        let lesson = self.scenario.lesson()?;
        let (_, port) = spec.postgres(&lesson.database.service)?;
        // As the superuser, for whom PostgreSQL reserves connections; not in the lesson's database, which a reset replaces.
        let password = self.scenario.password("superuser")?;
        let client = database::connect(port, "postgres", &password, "postgres").await?;
        let limits = client.query_one(LIMITS, &[]).await.map_err(in_full)?;
        let states = client.query(CONNECTIONS, &[]).await.map_err(in_full)?;
        Ok(Connections {
            by_state: states.iter().map(|row| (row.get::<_, String>(0), row.get(1))).collect(),
            max: limits.get(0),
            reserved: limits.get(1),
            oldest_transaction_s: limits.get(2),
        })
    }
}

struct Connections {
    by_state: BTreeMap<String, i64>,
    max: i64,
    reserved: i64,
    oldest_transaction_s: f64,
}

impl Connections {
    fn write(&self, text: &mut Text) {
        let states = ["active", "idle", "idle in transaction"];
        let other = self.by_state.iter().filter(|(state, _)| !states.contains(&state.as_str()));
        let other: i64 = other.map(|(_, count)| count).sum();
        let count = |state| (state, self.by_state.get(state).copied().unwrap_or_default() as f64);
        let counts = states.into_iter().map(count).chain([("other", other as f64)]);
        let help = "Connections to PostgreSQL, the lab's own not counted.";
        text.gauges("lab_database_connections", help, "state", counts);
        text.gauge("lab_database_max_connections", "Connections that PostgreSQL allows.", self.max as f64);
        let help = "Connections reserved for superusers.";
        text.gauge("lab_database_reserved_connections", help, self.reserved as f64);
        let help = "Age of the oldest transaction, the lab's own not counted.";
        text.gauge("lab_database_oldest_transaction_seconds", help, self.oldest_transaction_s);
    }
}

/// The figures of the last load test, running or ended.
fn load(board: &LiveFigures, text: &mut Text) {
    let load = board.read::<LoadNow>();
    let count = |outcome: Outcome| match &load {
        Some(load) if outcome == Outcome::Ok => load.ok,
        Some(load) => load.errors.get(&outcome).copied().unwrap_or_default(),
        None => 0,
    };
    let outcomes = [Outcome::Ok].into_iter().chain(Outcome::ERRORS);
    let counts = outcomes.map(|outcome| (outcome.name(), count(outcome) as f64));
    text.counters("lab_load_requests_total", "Requests of the load test, by outcome.", "outcome", counts);
    let fresh = load.filter(|_| board.is_fresh::<LoadNow>());
    let samples = fresh.as_ref().map_or(0, |load| load.latency_samples);
    let latencies = fresh.and_then(|load| load.latency_ms).unwrap_or([f64::NAN; 3]);
    let latencies = ["0.5", "0.95", "0.99"].into_iter().zip(latencies.map(|ms| ms / 1_000.0));
    let help = "Latency quantiles of the last second's successful requests, as users see them.";
    text.gauges("lab_load_latency_seconds", help, "quantile", latencies);
    let help = "How many requests lab_load_latency_seconds rests on.";
    text.gauge("lab_load_latency_samples", help, samples as f64);
    let reads = board.read::<Reads>().unwrap_or_default();
    let results = [("fresh", reads.reads - reads.stale), ("stale", reads.stale), ("failed", reads.failed)];
    let results = results.map(|(result, count)| (result, count as f64));
    text.counters("lab_reads_after_write_total", "Reads after a write of one's own.", "result", results);
    let probes = board.read::<Probes>().unwrap_or_default();
    let let_in = probes.attempts - probes.refused;
    let results = [("let_in", f64::from(let_in)), ("refused", f64::from(probes.refused))];
    text.counters(
        "lab_probes_total",
        "Attempts of another client to connect to PostgreSQL.",
        "result",
        results,
    );
}

/// The text that Prometheus reads.
struct Text(String);

impl Text {
    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.head(name, help, "gauge");
        self.line(name, "", value);
    }

    fn gauges<'a>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) {
        self.head(name, help, "gauge");
        self.lines(name, label, values);
    }

    fn counters<'a>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) {
        self.head(name, help, "counter");
        self.lines(name, label, values);
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn lines<'a>(&mut self, name: &str, label: &str, values: impl IntoIterator<Item = (&'a str, f64)>) {
        for (of, value) in values {
            self.line(name, &format!("{{{label}=\"{of}\"}}"), value);
        }
    }

    fn line(&mut self, name: &str, labels: &str, value: f64) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_told_by_state_and_those_of_no_state_are_told_too() {
        let by_state = [("active", 2), ("fastpath function call", 1), ("idle in transaction", 3)];
        let by_state = by_state.map(|(state, count)| (state.to_owned(), count)).into();
        let mut text = Text(String::new());
        Connections { by_state, max: 20, reserved: 3, oldest_transaction_s: 7.5 }.write(&mut text);
        let lines: Vec<_> = text.0.lines().filter(|line| !line.starts_with('#')).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        lab_database_connections{state="active"} 2
        lab_database_connections{state="idle"} 0
        lab_database_connections{state="idle in transaction"} 3
        lab_database_connections{state="other"} 1
        lab_database_max_connections 20
        lab_database_reserved_connections 3
        lab_database_oldest_transaction_seconds 7.5
        "#);
    }
}
