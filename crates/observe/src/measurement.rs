//! One measurement: the load, and other measurements from outside the service during it.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use compose::service_spec::{CpuCap, Service};
use format::{counted, percent};
use loadgen::{Plan, Run};
use project::{Session, database, spec_file::Spec, status::ServiceStatus};
use serde::{Deserialize, Serialize};

use crate::{
    cache_hits,
    connection_probe::Probes,
    counters::{Counters, Served, namesakes},
    freshness::{Reader, Reads},
    live_figures::LiveFigures,
    load_progress::generate,
    own_prediction::Predicted,
    resource_usage::{Collected, Collector, ResourceUsage},
    sessions::{Sessions, Watch},
};

/// Requests that can be under way at once in an open loop. A service with more to do at a time is lost, and this many
/// connections need no other limit of open files than systems have.
const CONNECTIONS: usize = 1_000;

/// What was found.
pub struct Measurement {
    /// By the load generator.
    pub run: Run,
    /// Beside it.
    pub seen: Observations,
}

/// Measurements from outside the service while the load ran.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Observations {
    /// Rows of each table when it began.
    #[serde(default)]
    pub rows: BTreeMap<String, i64>,
    /// By another client of the database; `None` where the lesson has none.
    #[serde(default)]
    pub probes: Option<Probes>,
    /// By a user who writes and reads back; `None` where the lesson has none.
    #[serde(default)]
    pub freshness: Option<Reads>,
    /// Requests by server; empty where there is only one.
    #[serde(default)]
    pub served: Served,
    /// Share of the answers that came from a cache, 0 to 1; `None` where there is no cache.
    #[serde(default)]
    pub hit_rate: Option<f64>,
    /// The same for one user before the load, without writes; `None` where there is no such user, or no cache.
    #[serde(default)]
    pub browse_hit_rate: Option<f64>,
    /// The program's connections to the database; `None` if they could not be counted.
    #[serde(default)]
    pub connections: Option<Sessions>,
    /// CPU that the busiest server used, in cores; `None` if it reports none.
    #[serde(default)]
    pub server_cores: Option<f64>,
    /// CPU that the largest server may use, in cores: all there is where it has no cap.
    #[serde(default)]
    pub server_size: Option<f64>,
    /// Servers that call themselves what another one does.
    #[serde(default)]
    pub namesakes: usize,
    /// Connections that the servers were asked to open per request, 0 to 1; `None` where there was no request.
    #[serde(default)]
    pub connections_per_request: Option<f64>,
    /// Where the time went; `None` in runs of an older lab.
    #[serde(default)]
    pub spent: Option<ResourceUsage>,
    /// The prediction for this load; `None` without one.
    #[serde(default)]
    pub predicted: Option<Predicted>,
}

/// What to ask, where that differs from the lesson.
#[derive(Default)]
pub struct Options<'a> {
    /// One endpoint alone.
    pub only: Option<&'a str>,
    /// Users at once.
    pub users: Option<usize>,
    /// Requests per second, in an open loop.
    pub rate_per_s: Option<f64>,
    /// How long to measure.
    pub duration: Option<Duration>,
    /// Past the balancer, straight to the lesson's service.
    pub straight: bool,
}

/// Loads the running system. The run contains the reason if its numbers are invalid.
///
/// # Errors
/// When the load generator cannot work, or the scenario stopped meanwhile.
pub async fn measure(session: &Session, options: Options<'_>) -> anyhow::Result<Measurement> {
    let Session { scenario, lesson, spec, .. } = session;
    let plan = plan(session, &options)?;
    let target = entry(session, &options)?;
    let (postgres, db_port) = session.postgres()?;
    let rows = database::rows(&session.connect_as_superuser().await?).await?;
    eprintln!(
        "{}, for {} s, on {} (http://{})",
        in_words(&plan),
        plan.duration.as_secs(),
        target.name,
        plan.target
    );
    let freshness = lesson.load.freshness.as_ref();
    let browsing =
        freshness.and_then(|freshness| cache_hits::hit_rate(spec, target, &plan.target, freshness).ok());
    let collector = Collector::start(session).await;
    let counted = Counters::read(spec, target);
    let sessions = collector.client().map(|client| Watch::start(client, &postgres.database));
    let board = LiveFigures::of(scenario);
    let started = Instant::now();
    let reader =
        freshness.cloned().map(|freshness| Reader::start(board.clone(), plan.target.clone(), freshness));
    let mut probes = Probes::default();
    let mut run = tokio::select! {
        run = generate(session, plan, |plan, stop, live| loadgen::run(plan, stop, |now| live.show("", now))) => run?,
        () = probes.take(postgres, db_port, &board), if lesson.load.probe => unreachable!("it probes until it is dropped"),
    };
    let elapsed_s = started.elapsed().as_secs_f64();
    let after = session.reopen();
    let after = after.as_ref().unwrap_or(session);
    run.why_invalid = why_invalid(session, after).or(probes.trouble.clone()).or(run.why_invalid);
    let freshness = reader.map(Reader::finish).transpose()?;
    // A server that does not answer has no counters to read; the load test is still worth having.
    let counted = counted.and_then(|before| Ok(Counters::read(spec, target)?.since(&before))).ok();
    let sessions = sessions.and_then(Watch::finish);
    let collected = Collected { counted: counted.as_ref(), sessions: sessions.as_ref(), run: &run };
    let spent = collector.finish(after, spec, target, collected).await;
    let counted = counted.unwrap_or_default();
    let seen = Observations {
        rows,
        probes: lesson.load.probe.then_some(probes),
        freshness,
        hit_rate: counted.hit_rate(),
        browse_hit_rate: browsing,
        connections: sessions,
        server_cores: counted.most_cpu_s().map(|cpu_s| cpu_s / elapsed_s),
        server_size: largest(spec, target),
        namesakes: namesakes(spec, target),
        connections_per_request: counted.connections_per_request(),
        spent: Some(spent),
        predicted: None,
        served: if counted.served.len() > 1 { counted.served } else { Served::new() },
    };
    Ok(Measurement { run, seen })
}

/// What `options` and the lesson ask for, of what runs.
///
/// # Errors
/// When the lesson names something that there is not.
pub fn plan(session: &Session, options: &Options<'_>) -> anyhow::Result<Plan> {
    let load = &session.lesson.load;
    let users = options.users.unwrap_or(options.rate_per_s.map_or(load.users, |_| CONNECTIONS));
    let duration = options.duration.unwrap_or(Duration::from_secs(load.duration_s));
    let target = entry(session, options)?;
    let port = target.port.with_context(|| format!("{} has no port", target.name))?.native;
    let plan = load.plan(port, options.only, users, duration)?;
    Ok(Plan { rate_per_s: options.rate_per_s, ..plan })
}

/// How much is asked for.
pub fn in_words(plan: &Plan) -> String {
    match plan.rate_per_s {
        None => format!("{} at once", counted(plan.users as f64, "user")),
        Some(rate) => format!("{} per second", counted(rate, "request")),
    }
}

fn entry<'a>(session: &'a Session, options: &Options<'_>) -> anyhow::Result<&'a Service> {
    if options.straight { session.spec.service(&session.lesson.load.service) } else { session.target() }
}

/// CPU in cores that the largest of the servers may use which share the requests to `entry`.
fn largest(spec: &Spec, entry: &Service) -> Option<f64> {
    let all = thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
    let sizes = spec.servers(entry).map(|server| server.cpu_cap.map_or(all, CpuCap::cores));
    sizes.max_by(f64::total_cmp)
}

/// Why a load test between the two sessions is invalid: a program that was replaced has measured something else, one
/// without its cap something larger.
pub fn why_invalid(before: &Session, after: &Session) -> Option<String> {
    let is_same =
        |old: &ServiceStatus| after.status.service(&old.name).is_some_and(|now| now.process == old.process);
    let restarted = before.status.needed().find(|old| !is_same(old));
    let restarted = restarted.map(|old| format!("{} was restarted while it was measured", old.name));
    let uncapped = after.status.services.iter().find_map(|service| {
        service.uncapped.as_ref().map(|why| format!("{} ran without its CPU cap: {why}", service.name))
    });
    let changed = before.spec.generation != after.spec.generation;
    let changed = changed.then(|| "the scenario was changed during the load test".to_owned());
    before.why_ended().map(|why| format!("{why} during the load test")).or(restarted).or(uncapped).or(changed)
}

impl Display for Observations {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(Probes { attempts, refused, refusal, .. }) = &self.probes {
            writeln!(
                f,
                "\n  Another client asked PostgreSQL for a connection {}; refused: {refused}",
                counted(*attempts as f64, "time")
            )?;
            refusal.iter().try_for_each(|said| writeln!(f, "                 {said}"))?;
        }
        if let Some(Reads { reads, stale, failed }) = &self.freshness {
            writeln!(f, "\n  Reads after one's own write: {reads}; stale: {stale}; failed: {failed}")?;
        }
        if let Some(hit_rate) = self.hit_rate {
            writeln!(f, "\n  From the cache: {}", percent(hit_rate))?;
        }
        if let Some(hit_rate) = self.browse_hit_rate {
            writeln!(f, "  Before the load, without writes: {}", percent(hit_rate))?;
        }
        if let Some(Sessions { open, different, busy, .. }) = &self.connections {
            writeln!(
                f,
                "\n  Connections to PostgreSQL: at most {open} at once, {different} different ones, {busy:.1} active on average"
            )?;
        }
        if !self.served.is_empty() {
            let served: Vec<_> = self.served.iter().map(|(name, count)| format!("{name} {count}")).collect();
            writeln!(f, "\n  Requests by server: {}", served.join(", "))?;
        }
        Ok(())
    }
}
