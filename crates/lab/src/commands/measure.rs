//! One measurement: the load, and beside it what else can be seen from outside.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use loadgen::{Phase, Plan, Progress, Run};
use serde::{Deserialize, Serialize};
use tokio::{signal::ctrl_c, time::sleep};

use super::{
    counters::{Counters, Served},
    freshness::{Reader, Reads},
    probe::Probes,
    running,
};
use crate::{
    database,
    lesson::{Lesson, Load},
    plan::{Desired, Service},
    project::Scenario,
    state::State,
};

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
}

/// What to ask, where that differs from the lesson.
#[derive(Default)]
pub struct Options<'a> {
    /// One endpoint alone.
    pub only: Option<&'a str>,
    /// Users at once.
    pub users: Option<usize>,
    /// How long to measure.
    pub duration: Option<Duration>,
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
    let Load { service, users, duration_s, .. } = &lesson.load;
    let target = target(&desired, &lesson.load)?;
    let users = options.users.unwrap_or(*users);
    let duration = options.duration.unwrap_or(Duration::from_secs(*duration_s));
    let port = target.port.with_context(|| format!("{} has no port", target.name))?.native;
    let plan = lesson.load.plan(port, options.only, users, duration)?;
    let (postgres, db_port) = desired.postgres(&lesson.database.service)?;
    if lesson.load.fresh_data {
        eprintln!("the data go back to their start");
        database::reset(postgres, db_port, &scenario.password("superuser")?).await?;
    }
    eprintln!(
        "{users} users at once, for {} s, on {} (http://{})",
        duration.as_secs(),
        target.name,
        plan.target
    );
    let counted = Counters::read(&desired, service);
    let reader = lesson.load.freshness.clone().map(|freshness| Reader::start(plan.target.clone(), freshness));
    let mut probes = Probes::default();
    let mut run = tokio::select! {
        run = generate(plan) => run?,
        () = probes.take(postgres, db_port), if lesson.load.probe => unreachable!("it asks on and on"),
    };
    let (desired_after, after) = running(scenario)?;
    let changed = desired_after.generation != desired.generation;
    let changed = changed.then(|| "what runs was changed while it was measured".to_owned());
    run.why_invalid =
        why_worthless(&before, &after).or(changed).or(probes.trouble.clone()).or(run.why_invalid);
    let freshness = reader.map(Reader::finish).transpose()?;
    // A server that is away counts nothing that anybody could ask for, and is no reason not to measure.
    let counted =
        counted.and_then(|before| Ok(Counters::read(&desired, service)?.since(&before))).unwrap_or_default();
    let seen = Seen {
        probes: lesson.load.probe.then_some(probes),
        freshness,
        hit_rate: counted.hit_rate(),
        served: if counted.served.len() > 1 { counted.served } else { Served::new() },
    };
    Ok(Measurement { run, seen })
}

/// What is loaded: the balancer, once the compose file has one.
///
/// # Errors
/// When the lesson names a service that there is not.
pub fn target<'a>(desired: &'a Desired, load: &Load) -> anyhow::Result<&'a Service> {
    let through = load.through.as_ref().and_then(|name| desired.service(name).ok());
    through.map_or_else(|| desired.service(&load.service), Ok)
}

/// A program that was replaced has measured something else; one without its cap, something larger.
fn why_worthless(before: &State, after: &State) -> Option<String> {
    let restarted = before
        .services
        .iter()
        .find(|old| after.service(&old.name).is_none_or(|now| now.process != old.process));
    let uncapped = after.services.iter().find_map(|service| Some((service, service.uncapped.as_ref()?)));
    match (restarted, uncapped) {
        (Some(old), _) => Some(format!("{} was restarted while it was measured", old.name)),
        (None, Some((service, why))) => Some(format!("{} ran without its CPU cap: {why}", service.name)),
        (None, None) => None,
    }
}

/// Runs `plan` on a thread of its own; Ctrl-C ends it early and keeps what was measured.
///
/// # Errors
/// When the plan cannot be run.
async fn generate(plan: Plan) -> anyhow::Result<Run> {
    let stop = Arc::new(AtomicBool::new(false));
    let generator = thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            let live = Live::new(&plan);
            loadgen::run(&plan, &stop, |progress| live.show(progress))
        }
    });
    while !generator.is_finished() {
        tokio::select! {
            () = sleep(Duration::from_millis(50)) => {}
            result = ctrl_c() => {
                result?;
                stop.store(true, Ordering::Relaxed);
            }
        }
    }
    generator.join().ok().context("the load generator panicked; that is a fault of the lab")?
}

/// A line that moves in a terminal; elsewhere indicatif prints nothing, and nothing is missing from the summary.
struct Live(ProgressBar);

impl Live {
    fn new(plan: &Plan) -> Self {
        let bar = ProgressBar::new((plan.warm_up + plan.duration).as_millis() as u64);
        let style = ProgressStyle::with_template("{bar:30} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    fn show(&self, progress: &Progress) {
        self.0.set_position(progress.elapsed.as_millis() as u64);
        let phase = match progress.phase {
            Phase::Preflight => "trying each request once",
            Phase::WarmUp => "warming up",
            Phase::Measure => "measuring",
            Phase::Drain => "waiting for the last answers",
        };
        let p99 = progress.p99_ms.map_or_else(|| "-".to_owned(), |p99| format!("{p99:.0} ms"));
        let (ok, errors, rate) = (progress.ok, progress.errors, progress.ok_per_s);
        self.0.set_message(format!("{phase}: {ok} ok ({rate:.0}/s), {errors} errors, p99 {p99}"));
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
