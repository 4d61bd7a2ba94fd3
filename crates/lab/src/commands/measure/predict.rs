//! `lab predict`: what a load test will find, before it is made; and what one would find that this machine is too small
//! for.

use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

use anyhow::bail;
use lesson::Lesson;
use observe::{
    own_prediction::{OwnPrediction, Predicted, names},
    saved_runs::{self, SavedRun},
};
use predict::{Demand, Scalability};
use project::{Scenario, Session};
use serde::Serialize;
use verdict::forecast::{
    Forecast, Known, known,
    model::{Question, Wiring, limits_of, model, place, scale_rows},
};

use super::own_guess::{NOTHING_MEASURED, ask, is_hypothetical};
use crate::cli::Predict;

/// What was asked, and the answer.
#[derive(Debug, Serialize)]
pub struct PredictReport {
    /// The run that it was computed from; `None` when everything was given.
    pub run_id: Option<String>,
    /// Where the parts are supposed to run, in words.
    pub place: &'static str,
    /// The forecast; `None` when a guess about the next load test is saved: then that load test shows it beside the guess.
    #[serde(flatten)]
    pub forecast: Option<Forecast>,
    /// What only a load test can measure; printed instead of the forecast where `forecast` is `None`, and below it otherwise.
    #[serde(skip)]
    pub unknown: Vec<String>,
    /// The prediction saved for the next load test; `None` when this machine cannot run that test.
    pub kept: Option<OwnPrediction>,
    /// The command of that load test.
    pub load_test: String,
}

/// Predicts what `scenario` will do, or would do at another size.
///
/// # Errors
/// When there is no run to compute from, and the options leave something open.
pub fn run(scenario: &Scenario, options: &Predict, may_ask: bool) -> anyhow::Result<PredictReport> {
    let lesson = scenario.lesson()?;
    // Of the next load test; how it is started does not matter here.
    let endpoints = names(&lesson.load.plan(0, options.only.as_deref(), 1, Duration::ZERO)?);
    let runs = saved_runs::all(scenario)?;
    let saved = match &options.run {
        Some(id) => Some(saved_runs::find(scenario, id)?),
        None => {
            let alike = |run: &&SavedRun| names(&run.run.plan) == endpoints && measured(run).is_some();
            runs.iter().rev().find(alike).cloned()
        }
    };
    let (known, mut unknown) = match (basis(saved.as_ref(), options), options.guess) {
        (Ok(basis), _) => basis,
        // Before the first run there are no other figures.
        (Err(_), Some(_)) => {
            let kept = Some(keep(scenario, options, &lesson, endpoints, None)?);
            return Ok(PredictReport {
                run_id: None,
                place: HERE,
                forecast: None,
                unknown: NOTHING_MEASURED.map(str::to_owned).into(),
                kept,
                load_test: load_test(options),
            });
        }
        (Err(error), None) => return Err(error),
    };
    let is_kept_back = options.guess.is_some() && !is_hypothetical(options);
    // The learner thinks first.
    let guess = if may_ask && options.guess.is_none() { ask()? } else { options.guess };
    let options = &Predict { guess, ..options.clone() };
    // What runs now, or what ran then.
    let wiring = Session::open(scenario)
        .and_then(|session| Wiring::now(&session))
        .unwrap_or_else(|_| Wiring::of(&known));
    let question = question(options);
    let mut model = model(&lesson, &question, &known, &wiring);
    let is_elsewhere = place(&question, &mut model, &wiring, &known);
    scale_rows(&question, saved.as_ref(), &mut model, &mut unknown);
    unknown.extend(limits_of(&model, &known, saved.as_ref(), is_elsewhere));
    let scalability = scalability(&runs, saved.as_ref());
    let forecast = Forecast::of(model, scalability, unknown);
    // Only a prediction for this machine can be compared with a load test.
    let can_be_tried = !is_elsewhere && options.rows.is_none();
    let kept =
        can_be_tried.then(|| keep(scenario, options, &lesson, endpoints, Some(&forecast))).transpose()?;
    let place = if is_elsewhere { ELSEWHERE } else { HERE };
    let run_id = saved.map(|saved| saved.run_id);
    let unknown = forecast.unknown.clone();
    let forecast = (!is_kept_back).then_some(forecast);
    Ok(PredictReport { run_id, place, forecast, unknown, kept, load_test: load_test(options) })
}

fn question(options: &Predict) -> Question {
    let Predict { users, rate, servers, pool, rows, .. } = *options;
    Question { users, rate_per_s: rate, servers, pool, rows }
}

/// What measures the load that `options` are about.
fn load_test(options: &Predict) -> String {
    let only = options.only.as_ref().map(|only| format!(" --only {only}"));
    let users = options.users.map(|users| format!(" --users {users}"));
    let rate = options.rate.map(|rate| format!(" --rate {rate}"));
    let options: String = [only, users, rate].into_iter().flatten().collect();
    if options.is_empty() { "make loadtest".to_owned() } else { format!("cargo lab load{options}") }
}

const HERE: &str = "everything on this machine";
const ELSEWHERE: &str = "each server on its own machine, as large as the measured one; users on another machine; the database on this one";

/// The evidence of `run`; `None` for an invalid run or one of an older lab.
fn measured(run: &SavedRun) -> Option<Known> {
    let spent = run.seen.spent.as_ref().filter(|_| run.run.why_invalid.is_none())?;
    let generator_s = run.run.generator.cpu_s / spent.evidence.requests.max(1) as f64;
    known(&spent.evidence, generator_s)
}

/// What a request needs, from a run or from the options.
fn basis(saved: Option<&SavedRun>, options: &Predict) -> anyhow::Result<(Known, Vec<String>)> {
    let mut unknown = Vec::new();
    let mut known = match (saved.and_then(measured), options.service) {
        (Some(known), _) => known,
        (None, Some(_)) => {
            unknown.push("without a run only the connections are known; CPU counts as unlimited".to_owned());
            Known {
                demand: Demand { to_database: 1.0, ..Demand::default() },
                pool: None,
                patience_s: None,
                servers: 1,
                cap: None,
                threads: 1.0,
                slots: usize::MAX,
                cores: f64::from(u16::MAX),
            }
        }
        (None, None) => bail!(
            "there is no run to compute from; make one with: make loadtest, or give the numbers yourself: \
            cargo lab predict --service 50ms --pool 3 --users 50"
        ),
    };
    if let Some(service) = options.service {
        let Demand { database_s, .. } = known.demand;
        known.demand.database_wait_s = (service.as_secs_f64() - database_s).max(0.0);
        known.demand.held_s = 0.0;
    }
    known.slots = options.connections.map_or(known.slots, |connections| connections as usize);
    known.patience_s = options.wait.map(|wait| wait.as_secs_f64()).or(known.patience_s);
    Ok((known, unknown))
}

/// The law of the runs that differ from `saved` in how many servers they had, and in nothing else that counts.
fn scalability(runs: &[SavedRun], saved: Option<&SavedRun>) -> Option<Scalability> {
    let saved = saved?;
    let alike = |run: &&SavedRun| {
        run.run.why_invalid.is_none()
            && run.subject.code == saved.subject.code
            && run.subject.profile == saved.subject.profile
            && run.subject.seed == saved.subject.seed
            && run.run.plan.endpoints == saved.run.plan.endpoints
            && run.run.plan.users == saved.run.plan.users
            && run.run.plan.rate_per_s == saved.run.plan.rate_per_s
            && run.seen.server_size == saved.seen.server_size
    };
    let measured: Vec<_> = runs
        .iter()
        .filter(alike)
        .map(|run| (run.subject.servers, run.run.summary().total.ok_per_s))
        .collect();
    let law = Scalability::fit(&measured)?;
    (law.sizes > 1).then_some(law)
}

/// Keeps until the load test what the learner thinks, and the answer.
fn keep(
    scenario: &Scenario,
    options: &Predict,
    lesson: &Lesson,
    endpoints: Vec<String>,
    forecast: Option<&Forecast>,
) -> anyhow::Result<OwnPrediction> {
    let simulated = forecast.map(|forecast| &forecast.simulated);
    let guess = OwnPrediction {
        endpoints,
        users: options
            .rate
            .is_none()
            .then_some(options.users.map_or(lesson.load.users, |users| users as usize)),
        rate_per_s: options.rate,
        guessed: Predicted {
            yours_per_s: options.guess,
            simulated_per_s: simulated.map(|simulated| simulated.ok_per_s),
            simulated_ms: simulated.and_then(|simulated| Some(1_000.0 * simulated.latency?.mean)),
        },
    };
    scenario.prepare()?;
    guess.store(scenario)?;
    Ok(guess)
}

impl Display for PredictReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(forecast) = &self.forecast {
            match &self.run_id {
                Some(id) => writeln!(f, "Computed from run {id}; {}.\n", self.place)?,
                None => writeln!(f, "Computed from your options.\n")?,
            }
            writeln!(f, "{forecast}")?;
        } else {
            match &self.run_id {
                Some(id) => writeln!(
                    f,
                    "The lab has computed its own prediction from run {id}. The next load test shows both beside what it \
                    measures.\n\nWhat the lab cannot know before:"
                )?,
                None => writeln!(f, "Without a valid load test the lab cannot predict. It does not know:")?,
            }
            self.unknown.iter().try_for_each(|unknown| writeln!(f, "  - {unknown}"))?;
        }
        match &self.kept {
            Some(OwnPrediction { guessed: Predicted { yours_per_s: Some(yours), .. }, .. }) => {
                write!(
                    f,
                    "\nYour guess of {yours} per second is kept. Next: see who is right, with: {}",
                    self.load_test
                )
            }
            Some(_) => write!(f, "Next: see whether it is right, with: {}", self.load_test),
            None => write!(
                f,
                "Next: ask for another size, for example: cargo lab predict --users 10000 --servers 1000 --rows 10x"
            ),
        }
    }
}
