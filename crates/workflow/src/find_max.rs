//! `lab load --find-max`: the highest rate that the service sustains.

use std::{
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use loadgen::{Limits, RateSearch, search_rate};
use observe::{
    load_progress::generate,
    measurement::{Options, plan, why_invalid},
    run_identity::{Machine, Subject},
};
use project::{Scenario, folders, store};
use serde::Serialize;

use crate::load::{clean_up, prepare, ready_session};

/// Default length of a step: five blocks of a second show a queue that grows.
const STEP: Duration = Duration::from_secs(5);

/// Load before each step that is not measured.
const WARM_UP: Duration = Duration::from_secs(1);

/// `.lab/scenario-N/climbs/<started_unix_s>.json`, and what is printed.
#[derive(Debug, Serialize)]
pub struct ClimbReport {
    started_unix_s: u64,
    /// What a service keeps to that keeps up.
    pub limits: Limits,
    #[serde(flatten)]
    /// The steps, and the highest rate that was sustained.
    pub search_rate: RateSearch,
    /// Why the steps do not belong together, in words.
    pub why_invalid: Option<String>,
    subject: Subject,
    machine: Machine,
}

/// Loads what runs, faster and faster.
///
/// # Errors
/// When the scenario does not run, or the load generator cannot work.
pub async fn find_max(scenario: &Scenario, options: Options<'_>, p99_ms: f64) -> anyhow::Result<ClimbReport> {
    let session = ready_session(scenario).await?;
    let subject = Subject::now(&session).await?;
    let machine = Machine::this();
    let load = Options {
        // Any rate makes this an open loop.
        rate_per_s: options.rate_per_s.or(Some(50.0)),
        duration: options.duration.or(Some(STEP)),
        ..options
    };
    let plan = loadgen::Plan { warm_up: WARM_UP, ..plan(&session, &load)? };
    prepare(&session).await?;
    let limits = Limits { p99_ms, ..Limits::default() };
    eprintln!(
        "increasing rates, {} s each, on http://{}; about two minutes",
        plan.duration.as_secs(),
        plan.target
    );
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let search_rate = generate(&session, plan, move |plan, stop, live| {
        search_rate(plan, &limits, stop, |rate, now| live.show(&format!("{rate} per second, "), now))
    });
    let search_rate = search_rate.await?;
    let why_invalid = why_invalid(&session, session.reopen().as_ref().unwrap_or(&session));
    clean_up(&session).await?;
    let report =
        ClimbReport { started_unix_s: started.as_secs(), limits, search_rate, why_invalid, subject, machine };
    // The result is shown even if the disk is full.
    if let Err(error) = report.store(&scenario.dir().join("climbs")) {
        eprintln!("lab: cannot save this result: {error:#}");
    }
    Ok(report)
}

impl ClimbReport {
    fn store(&self, folder: &Path) -> anyhow::Result<()> {
        folders::private(folder)?;
        store::write_json(&folder.join(format!("{}.json", self.started_unix_s)), self)
    }
}
