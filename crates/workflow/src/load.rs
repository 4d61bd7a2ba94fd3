//! The lesson's load test: prepared, measured and saved.

use anyhow::bail;
use engine::{database, down};
use loadgen::{Latencies, Plan, Summary};
use observe::{
    measurement::{self, Measurement, Observations, Options},
    noise::Noise,
    own_prediction::OwnPrediction,
    run_identity::{Machine, Subject},
    saved_runs::{self, SavedRun},
    source_code::Code,
};
use project::{Scenario, Session};
use serde::Serialize;

use crate::readiness::ready;

/// Of `lab load --json`.
const VERSION: u32 = 2;

/// What a load test found.
#[derive(Debug, Serialize)]
pub struct LoadReport {
    version: u32,
    /// Names the saved run.
    pub run_id: String,
    /// What the load generator found.
    #[serde(flatten)]
    pub summary: Summary,
    /// Other measurements.
    #[serde(flatten)]
    pub seen: Observations,
    /// What was asked for.
    #[serde(skip)]
    pub plan: Plan,
    /// Latencies of the successful requests.
    #[serde(skip)]
    pub latencies: Latencies,
    /// How long it measured, and whether it was stopped.
    pub length: String,
    /// Other runs that loaded the same system at the same time, by their ids.
    pub overlapping: Vec<String>,
}

/// Loads what runs, and saves the run.
///
/// # Errors
/// When the scenario does not run, or the running program is older than the saved source.
pub async fn load(scenario: &Scenario, options: Options<'_>) -> anyhow::Result<LoadReport> {
    let session = ready_session(scenario).await?;
    let subject = Subject::now(&session).await?;
    let code = Code::now(&session)?;
    let machine = Machine::this();
    let mut measured = measure(&session, options).await?;
    measured.seen.predicted = OwnPrediction::take(scenario, &measured.run.plan).unwrap_or_else(|error| {
        // The measurement matters more than the prediction.
        eprintln!("lab: cannot show the prediction: {error:#}");
        None
    });
    let saved = SavedRun::new(scenario, (subject, code), machine, measured)?;
    let stored = saved.store(scenario);
    let runs = saved_runs::all(scenario).unwrap_or_default();
    // The result is shown even if the disk is full.
    if let Err(error) = stored.and_then(|()| Noise::learn(scenario, &saved, &runs)) {
        eprintln!("lab: cannot save this run: {error:#}");
    }
    Ok(LoadReport {
        version: VERSION,
        summary: saved.run.summary(),
        latencies: saved.run.latencies(),
        length: saved.length(),
        overlapping: saved.overlapping(&runs),
        run_id: saved.run_id,
        seen: saved.seen,
        plan: saved.run.plan,
    })
}

/// The session of `scenario`, once the programs that run are those that were saved last.
///
/// # Errors
/// When they do not get ready; the message gives the reason and the next step.
pub async fn ready_session(scenario: &Scenario) -> anyhow::Result<Session> {
    if let Err(obstacle) = ready(scenario).await? {
        bail!("{obstacle}");
    }
    Session::open(scenario)
}

/// Measures what runs, on data as the lesson wants them.
///
/// # Errors
/// When the load generator cannot work, or the data cannot be reset.
pub async fn measure(session: &Session, options: Options<'_>) -> anyhow::Result<Measurement> {
    prepare(session).await?;
    let measured = Box::pin(measurement::measure(session, options)).await;
    clean_up(session).await?;
    measured
}

/// Removes what is left of a `session` whose supervisor was killed while it was measured.
///
/// # Errors
/// When the scenario's lock cannot be opened.
pub async fn clean_up(session: &Session) -> anyhow::Result<()> {
    match session.why_ended() {
        Some(_) => down::clean_up(&session.scenario).await,
        None => Ok(()),
    }
}

/// Resets the data, where the lesson wants that before each load test.
///
/// # Errors
/// When the database refuses.
pub async fn prepare(session: &Session) -> anyhow::Result<()> {
    if session.lesson.load.fresh_data {
        eprintln!("resetting the data");
        let (postgres, port) = session.postgres()?;
        database::reset(postgres, port, &session.superuser_password()?).await?;
    }
    Ok(())
}
