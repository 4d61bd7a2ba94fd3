//! One measurement: the load, and beside it what else can be seen from outside.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use loadgen::{Plan, Run};
use serde::{Deserialize, Serialize};

use super::{
    browse,
    counters::{Counters, Served, namesakes},
    freshness::{Reader, Reads},
    live::generate,
    probe::Probes,
    running,
    sessions::{Sessions, Watch},
};
use crate::{
    board::Board,
    database,
    forecast::Guessed,
    lesson::{Lesson, Load},
    plan::{CpuCap, Desired, Service},
    project::Scenario,
    spent::{Collected, Collector, Spent},
    state::State,
};

/// Requests that can be under way at once in an open loop. A service with more to do at a time is lost, and this many
/// connections need no other limit of open files than systems have.
const CONNECTIONS: usize = 1_000;

/// What was found.
pub struct Measurement {
    /// By the load generator.
    pub run: Run,
    /// Beside it.
    pub seen: Seen,
}

/// What was seen from outside while the load ran.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Seen {
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
    /// The same of one user's answers before the load, while nobody wrote; `None` where there is no such user, or no cache.
    #[serde(default)]
    pub browse_hit_rate: Option<f64>,
    /// The program's connections to the database; `None` where nobody could look.
    #[serde(default)]
    pub connections: Option<Sessions>,
    /// CPU that the busiest server used, in cores; `None` where it does not say.
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
    pub spent: Option<Spent>,
    /// What was predicted of this load; `None` where nobody predicted anything.
    #[serde(default)]
    pub predicted: Option<Guessed>,
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

/// Loads what runs. What makes the numbers worthless is said in the run.
///
/// # Errors
/// When the load generator cannot work, or the data cannot be brought back to their start.
pub async fn measure(
    scenario: &Scenario,
    lesson: &Lesson,
    options: Options<'_>,
) -> anyhow::Result<Measurement> {
    let (desired, before) = running(scenario)?;
    let plan = plan(lesson, &desired, &options)?;
    let target = asked(lesson, &desired, &options)?;
    let (postgres, db_port) = desired.postgres(&lesson.database.service)?;
    prepare(scenario, lesson, &desired).await?;
    let superuser = scenario.password("superuser")?;
    let client = database::connect(db_port, "postgres", &superuser, &postgres.database).await?;
    let rows = database::rows(&client).await?;
    drop(client);
    eprintln!(
        "{}, for {} s, on {} (http://{})",
        in_words(&plan),
        plan.duration.as_secs(),
        target.name,
        plan.target
    );
    let freshness = lesson.load.freshness.as_ref();
    let browsing =
        freshness.and_then(|freshness| browse::hit_rate(&desired, target, &plan.target, freshness).ok());
    let collector = Collector::start(db_port, &superuser, (&desired, &before)).await;
    let counted = Counters::read(&desired, target);
    let sessions = collector.client().map(|client| Watch::start(client, &postgres.database));
    let board = Board::of(scenario);
    let started = Instant::now();
    let reader =
        freshness.cloned().map(|freshness| Reader::start(board.clone(), plan.target.clone(), freshness));
    let mut probes = Probes::default();
    let mut run = tokio::select! {
        run = generate(board.clone(), plan, |plan, stop, live| loadgen::run(plan, stop, |now| live.show("", now))) => run?,
        () = probes.take(postgres, db_port, &board), if lesson.load.probe => unreachable!("it asks on and on"),
    };
    let elapsed_s = started.elapsed().as_secs_f64();
    let (desired_after, after) = running(scenario)?;
    let changed = desired_after.generation != desired.generation;
    let changed = changed.then(|| "what runs was changed while it was measured".to_owned());
    run.why_invalid =
        why_worthless(&before, &after).or(changed).or(probes.trouble.clone()).or(run.why_invalid);
    let freshness = reader.map(Reader::finish).transpose()?;
    // A server that is away counts nothing that anybody could ask for, and is no reason not to measure.
    let counted = counted.and_then(|before| Ok(Counters::read(&desired, target)?.since(&before))).ok();
    let sessions = sessions.and_then(Watch::finish);
    let collected = Collected { counted: counted.as_ref(), sessions: sessions.as_ref(), run: &run };
    let spent = collector.finish(lesson, (&desired, &after), target, collected).await;
    let counted = counted.unwrap_or_default();
    let seen = Seen {
        rows,
        probes: lesson.load.probe.then_some(probes),
        freshness,
        hit_rate: counted.hit_rate(),
        browse_hit_rate: browsing,
        connections: sessions,
        server_cores: counted.most_cpu_s().map(|cpu_s| cpu_s / elapsed_s),
        server_size: largest(&desired, target),
        namesakes: namesakes(&desired, target),
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
pub fn plan(lesson: &Lesson, desired: &Desired, options: &Options<'_>) -> anyhow::Result<Plan> {
    let Load { users, duration_s, .. } = lesson.load;
    let users = options.users.unwrap_or(options.rate_per_s.map_or(users, |_| CONNECTIONS));
    let duration = options.duration.unwrap_or(Duration::from_secs(duration_s));
    let target = asked(lesson, desired, options)?;
    let port = target.port.with_context(|| format!("{} has no port", target.name))?.native;
    let plan = lesson.load.plan(port, options.only, users, duration)?;
    Ok(Plan { rate_per_s: options.rate_per_s, ..plan })
}

/// Brings the data back to their start, where the lesson wants that before each load test.
///
/// # Errors
/// When the database refuses.
pub async fn prepare(scenario: &Scenario, lesson: &Lesson, desired: &Desired) -> anyhow::Result<()> {
    if lesson.load.fresh_data {
        eprintln!("the data go back to their start");
        let (postgres, port) = desired.postgres(&lesson.database.service)?;
        database::reset(postgres, port, &scenario.password("superuser")?).await?;
    }
    Ok(())
}

/// How much is asked for.
pub fn in_words(plan: &Plan) -> String {
    match plan.rate_per_s {
        None => format!("{} users at once", plan.users),
        Some(rate) => format!("{rate} requests per second"),
    }
}

fn asked<'a>(lesson: &Lesson, desired: &'a Desired, options: &Options<'_>) -> anyhow::Result<&'a Service> {
    if options.straight { desired.service(&lesson.load.service) } else { target(desired, &lesson.load) }
}

/// What is loaded: the balancer, once the compose file has one.
///
/// # Errors
/// When the lesson names a service that there is not.
pub fn target<'a>(desired: &'a Desired, load: &Load) -> anyhow::Result<&'a Service> {
    let through = load.through.as_ref().and_then(|name| desired.service(name).ok());
    through.map_or_else(|| desired.service(&load.service), Ok)
}

/// CPU that the largest of the servers may use that share the work when `asked` is asked, in cores.
fn largest(desired: &Desired, asked: &Service) -> Option<f64> {
    let all = thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64);
    let sizes = desired.servers(asked).map(|server| server.cpu_cap.map_or(all, CpuCap::cores));
    sizes.max_by(f64::total_cmp)
}

/// A program that was replaced has measured something else; one without its cap, something larger.
pub fn why_worthless(before: &State, after: &State) -> Option<String> {
    let restarted =
        before.needed().find(|old| after.service(&old.name).is_none_or(|now| now.process != old.process));
    let uncapped = after.services.iter().find_map(|service| Some((service, service.uncapped.as_ref()?)));
    match (restarted, uncapped) {
        (Some(old), _) => Some(format!("{} was restarted while it was measured", old.name)),
        (None, Some((service, why))) => Some(format!("{} ran without its CPU cap: {why}", service.name)),
        (None, None) => None,
    }
}
