//! Gathers the evidence: counters before and after the load, and samples in between.

use std::{collections::BTreeMap, fs, sync::Arc, thread, time::Instant};

use compose::service_spec::{CpuCap, Service};
use loadgen::{Outcome, Run};
use process::cgroup::Periods;
use project::{Session, spec_file::Spec};
use tokio_postgres::Client;

use crate::{
    counters::Counters,
    query_plan,
    resource_usage::{
        Database, Evidence, Generator, Machine, Program, ResourceUsage, TableScan, concurrent_load, postgres,
    },
    sessions::Sessions,
};

/// The counters before the load.
pub struct Collector {
    started: Instant,
    /// As the superuser: PostgreSQL reserves connections for it.
    client: Option<Arc<Client>>,
    database_cpu_s: Option<f64>,
    counts_statements: bool,
    beside_cpu_s: BTreeMap<String, f64>,
    /// Of the CPU caps, by service.
    periods: BTreeMap<String, Periods>,
    machine: Option<Ticks>,
}

/// Other measurements of the same load.
pub struct Collected<'a> {
    /// What the servers counted while it ran.
    pub counted: Option<&'a Counters>,
    /// The connections that they had.
    pub sessions: Option<&'a Sessions>,
    /// What the load generator found.
    pub run: &'a Run,
}

impl Collector {
    /// Looks before the load.
    pub async fn start(session: &Session) -> Self {
        let client = session.connect_as_superuser().await.ok().map(Arc::new);
        let (mut counts_statements, mut database_cpu_s) = (false, None);
        if let Some(client) = &client {
            counts_statements = postgres::forget_statements(client).await;
            database_cpu_s = postgres::cpu_s(client).await;
        }
        let beside_cpu_s = concurrent_load::cpu_s(session);
        let periods = periods(session);
        let (started, machine) = (Instant::now(), Ticks::read());
        Self { started, client, database_cpu_s, counts_statements, beside_cpu_s, periods, machine }
    }

    /// The lab's one connection to PostgreSQL, to look through meanwhile: each further one would be taken from those that the
    /// lesson divides.
    pub fn client(&self) -> Option<Arc<Client>> {
        self.client.clone()
    }

    /// Reads the counters again and combines them with the other measurements of the servers of `spec`.
    pub async fn finish(
        self,
        session: &Session,
        spec: &Spec,
        entry: &Service,
        Collected { counted, sessions, run }: Collected<'_>,
    ) -> ResourceUsage {
        let elapsed_s = self.started.elapsed().as_secs_f64();
        let machine = self.machine.as_ref().and_then(|before| before.since(elapsed_s));
        let after = concurrent_load::cpu_s(session).into_iter();
        let used = after.filter_map(|(name, after)| Some((after - self.beside_cpu_s.get(&name)?, name)));
        let beside = used.map(|(used_s, name)| (name, used_s.max(0.0) / elapsed_s)).collect();
        let throttled = self.throttled(session, spec, entry);
        let program = counted.and_then(|counted| program(counted, spec, entry, elapsed_s, throttled));
        let database = self.database(session, sessions, elapsed_s).await;
        let evidence = Evidence { elapsed_s, machine, program, database, beside, ..of_run(run) };
        ResourceUsage::of(evidence, run.why_invalid.is_none())
    }

    /// Share of the periods in which a CPU cap stopped a server; of all servers the one that it stopped most.
    fn throttled(&self, session: &Session, spec: &Spec, entry: &Service) -> f64 {
        let after = periods(session);
        let share = |server: &Service| {
            Some(after.get(&server.name)?.throttled_since(*self.periods.get(&server.name)?))
        };
        spec.servers(entry).filter_map(share).fold(0.0, f64::max)
    }

    async fn database(
        &self,
        session: &Session,
        sessions: Option<&Sessions>,
        elapsed_s: f64,
    ) -> Option<Database> {
        let (client, sessions) = (self.client.as_ref()?, sessions?);
        let cpu_s =
            postgres::cpu_s(client).await.zip(self.database_cpu_s).map(|(after, before)| after - before);
        let (postgres, _) = session.postgres().ok()?;
        let statements = if self.counts_statements {
            postgres::statements(client, &postgres.database).await
        } else {
            Vec::new()
        };
        // Last, since it asks the lesson's query itself.
        let explained = query_plan::explain(session).await.ok();
        Some(Database {
            cpu_cores: cpu_s.map(|cpu_s| cpu_s / elapsed_s),
            slots: postgres::slots(client).await.ok()?,
            open: sessions.open,
            different: sessions.different,
            open_mean: sessions.open_mean,
            busy: sessions.busy,
            waits: sessions.waits.clone(),
            old_transactions: sessions.old_transactions.clone(),
            statements,
            scan: explained.map(|explained| TableScan { table: explained.table, scan: explained.scan }),
        })
    }
}

/// What the load generator saw.
fn of_run(run: &Run) -> Evidence {
    let ended = run.endpoints.iter().flat_map(|endpoint| &endpoint.blocks).flatten();
    let (mut requests, mut ok, mut waited_ms) = (0, 0, 0.0);
    for (outcome, latencies) in ended {
        requests += latencies.count();
        ok += if *outcome == Outcome::Ok { latencies.count() } else { 0 };
        waited_ms += latencies.mean_ms().unwrap_or_default() * latencies.count() as f64;
    }
    let of_all = |part: f64| if requests > 0 { part / requests as f64 } else { 0.0 };
    Evidence {
        requests,
        failed: of_all((requests - ok) as f64),
        latency_ms: of_all(waited_ms),
        generator: Generator {
            cores: run.generator.cpu_s / run.measured_s.max(f64::MIN_POSITIVE),
            busy: run.generator.busy,
        },
        ..Evidence::default()
    }
}

/// The servers' counters; `None` if they count no times, or do not answer.
fn program(
    counted: &Counters,
    spec: &Spec,
    entry: &Service,
    elapsed_s: f64,
    throttled: f64,
) -> Option<Program> {
    let requests = counted.requested.count;
    let per_request = |sum: f64| sum / requests as f64;
    let servers: Vec<_> = spec.servers(entry).collect();
    (requests > 0).then(|| Program {
        servers: servers.len(),
        requests,
        in_program_ms: 1_000.0 * per_request(counted.requested.sum_s),
        waiting_ms: 1_000.0 * per_request(counted.waited.sum_s),
        querying_ms: 1_000.0 * per_request(counted.queried.sum_s),
        checkouts: per_request(counted.waited.count as f64),
        timeouts: per_request(counted.timeouts as f64),
        pool: Some(counted.pool).filter(|pool| *pool > 0),
        cpu_cores: counted.cpu_s() / elapsed_s,
        cpu_limit_cores: servers.iter().map(|server| limit(server)).sum(),
        is_capped: servers.iter().any(|server| server.cpu_cap.is_some()),
        throttled,
    })
}

/// What the CPU caps of the services have counted so far. A container has them in a group of its own, which only Docker
/// knows.
fn periods(session: &Session) -> BTreeMap<String, Periods> {
    let native = session.spec.services.iter().filter(|service| service.container.is_none());
    let of = |service: &Service| {
        let pid = session.status.service(&service.name)?.process.as_ref()?.pid;
        Some((service.name.clone(), Periods::of(pid)))
    };
    native.filter_map(of).collect()
}

/// CPU that a server can use, in cores. Its threads serve one request at a time each.
fn limit(server: &Service) -> f64 {
    let threads = server.program().and_then(|program| program.environment.get("HTTP_WORKERS")?.parse().ok());
    let all = thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
    threads.unwrap_or(1.0_f64).min(server.cpu_cap.map_or(all, CpuCap::cores))
}

/// CPU time of all cores since the machine started, in hundredths of a second.
struct Ticks {
    cores: usize,
    busy: u64,
}

impl Ticks {
    /// `None` where `/proc` counts other cores than ours: inside some containers it is the host's.
    ///
    /// Source: proc(5), `/proc/stat`. Time that was stolen from a virtual machine is gone as well.
    fn read() -> Option<Self> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let cores = stat.lines().filter(|line| line.starts_with("cpu") && !line.starts_with("cpu ")).count();
        if thread::available_parallelism().map_or(0, usize::from) != cores {
            return None;
        }
        let numbers = stat.lines().next()?.split_whitespace().skip(1).map(|number| number.parse::<u64>());
        let numbers = numbers.collect::<Result<Vec<_>, _>>().ok()?;
        // user, nice, system, idle, iowait, irq, softirq, steal; what follows is part of the first two.
        let busy = [0, 1, 2, 5, 6, 7].iter().filter_map(|&place| numbers.get(place)).sum();
        Some(Self { cores, busy })
    }

    fn since(&self, elapsed_s: f64) -> Option<Machine> {
        let busy = Self::read()?.busy.saturating_sub(self.busy);
        Some(Machine { cores: self.cores as f64, busy_cores: busy as f64 / 100.0 / elapsed_s })
    }
}
