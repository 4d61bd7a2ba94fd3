//! The model of what runs, and of what would run at another size.

use anyhow::Context;
use compose::service_spec::Service;
use format::counted;
use lesson::Lesson;
use observe::{counters::Counters, saved_runs::SavedRun};
use predict::{Arrivals, Cpu, Model};
use project::Session;

use crate::forecast::Known;

/// What to predict, where that differs from what runs.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Users at once.
    pub users: Option<u32>,
    /// Requests per second, in an open loop.
    pub rate_per_s: Option<f64>,
    /// Servers, of the size of the one that was measured.
    pub servers: Option<u32>,
    /// Connections in the pool of each server.
    pub pool: Option<u32>,
    /// So many times the rows.
    pub rows: Option<f64>,
}

/// How the running system is put together.
pub struct Wiring {
    servers: usize,
    cap: Option<Cpu>,
    threads: f64,
    pool: Option<usize>,
}

impl Wiring {
    /// From the started compose file and the pools' own metrics.
    ///
    /// # Errors
    /// When it does not run.
    pub fn now(session: &Session) -> anyhow::Result<Self> {
        let Session { spec, .. } = session;
        let entry = session.target()?;
        let servers: Vec<&Service> = spec.servers(entry).collect();
        let first = servers.first().context("the spec has no server")?;
        let cap = first
            .cpu_cap
            .map(|cap| Cpu { quota_s: cap.quota.as_secs_f64(), period_s: cap.period.as_secs_f64() });
        let workers =
            first.program().and_then(|program| program.environment.get("HTTP_WORKERS")?.parse().ok());
        let pool = Counters::read(spec, entry).ok().map(|counters| counters.pool as usize);
        Ok(Self {
            servers: servers.len(),
            cap,
            threads: workers.unwrap_or(1.0),
            pool: pool.filter(|pool| *pool > 0).map(|pool| pool.div_ceil(servers.len())),
        })
    }

    /// The system in which `known` was measured.
    pub fn of(known: &Known) -> Self {
        Self { servers: known.servers, cap: known.cap, threads: known.threads, pool: known.pool }
    }
}

/// What is to be simulated, before anything is put elsewhere.
pub fn model(lesson: &Lesson, question: &Question, known: &Known, wiring: &Wiring) -> Model {
    let users = question.users.map_or(lesson.load.users, |users| users as usize);
    let pool = question.pool.map(|pool| pool as usize);
    let pool = pool.or(wiring.pool).or(known.pool).unwrap_or(known.slots);
    Model {
        arrivals: question.rate_per_s.map_or(Arrivals::Users(users, 0.0), Arrivals::Even),
        servers: question.servers.map(|servers| servers as usize).unwrap_or(wiring.servers),
        server_cpu: wiring.cap,
        pool,
        patience_s: known.patience_s,
        slots: known.slots,
        cores: known.cores,
        demand: known.demand,
    }
}

/// Puts the parts where they are: more servers than run here have machines of their own, and so have users whom this
/// machine could not play. True when they are elsewhere.
pub fn place(question: &Question, model: &mut Model, wiring: &Wiring, known: &Known) -> bool {
    const MOST_USERS: u32 = 10_000;
    let is_elsewhere =
        model.servers > wiring.servers || question.users.is_some_and(|users| users > MOST_USERS);
    let reserved = model.server_cpu.map_or(0.0, |cpu| cpu.cores() * model.servers as f64);
    if is_elsewhere {
        model.demand.generator_s = 0.0;
        model.server_cpu.get_or_insert(Cpu { quota_s: wiring.threads, period_s: 1.0 });
    } else {
        // What is capped is taken from the machine, and the rest is for the others.
        model.cores = (known.cores - reserved).max(0.1);
    }
    is_elsewhere
}

/// More rows cost a scan of all of them so many times as much, and a descent of an index hardly more.
pub fn scale_rows(
    question: &Question,
    saved: Option<&SavedRun>,
    model: &mut Model,
    unknown: &mut Vec<String>,
) {
    let Some(factor) = question.rows else { return };
    let spent = saved.and_then(|saved| saved.seen.spent.as_ref());
    let scan = spent.and_then(|spent| spent.evidence.database.as_ref()?.scan.as_ref());
    let rows =
        scan.map_or(1, |scan| saved.and_then(|saved| saved.seen.rows.get(&scan.table).copied()).unwrap_or(1));
    let dearer = match scan {
        Some(scan) if scan.scan.reads_all() => factor,
        // As many levels of a B-tree more as its logarithm grows.
        _ => ((rows as f64 * factor).max(2.0).ln() / (rows as f64).max(2.0).ln()).max(0.1),
    };
    model.demand.database_s *= dearer;
    let how = match scan {
        Some(scan) if scan.scan.reads_all() => {
            format!("PostgreSQL reads the whole table {}: {factor} times the work", scan.table)
        }
        Some(scan) => format!("PostgreSQL reads {} by an index: {dearer:.2} times the work", scan.table),
        None => format!("no query plan was recorded; an index is assumed: {dearer:.2} times the work"),
    };
    unknown.push(format!(
        "more rows change only the cost of the lesson's query ({how}); memory for them is not modelled"
    ));
}

/// What the answer leaves out.
pub fn limits_of(model: &Model, known: &Known, saved: Option<&SavedRun>, is_elsewhere: bool) -> Vec<String> {
    let mut unknown = vec![
        "every request counts as an average one; latency percentiles are rough".to_owned(),
        "lock contention, cold caches and full disks are not simulated".to_owned(),
    ];
    if is_elsewhere {
        unknown.push("the network between machines and the load balancer's CPU count as zero".to_owned());
    }
    unknown.extend(
        saved
            .and_then(SavedRun::crowded)
            .map(|crowd| format!("how much CPU other programs will use: during that run {crowd}")),
    );
    // Measured: 155 µs with 2 connections, 125 with 7, 120 with 10, 110 with 15, and as many wake-ups less.
    if known.pool.is_some_and(|pool| model.pool < pool) {
        unknown.push(
            "what smaller pools cost in CPU: fewer answers come at once, and the program wakes more often for them; expect \
            some percent less"
                .to_owned(),
        );
    }
    let asked = model.servers.saturating_mul(model.pool);
    if asked > model.slots {
        unknown.push(format!(
            "{} with {} each ask for {asked}, and PostgreSQL allows {}: here the first ones get \
            them (--pool 1, or --connections {asked}, removes that limit)",
            counted(model.servers as f64, "server"),
            counted(model.pool as f64, "connection"),
            model.slots
        ));
    }
    if model.patience_s.is_none() {
        unknown.push(
            "how long a request waits for a connection before it fails: here without limit (set one with --wait 2s)"
                .to_owned(),
        );
    }
    let failed = saved.and_then(|saved| Some(saved.seen.spent.as_ref()?.evidence.failed)).unwrap_or_default();
    if failed > 0.5 {
        unknown.push("most requests of that run failed: their cost is estimated from the others".to_owned());
    }
    unknown
}
