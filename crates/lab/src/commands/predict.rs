//! `lab predict`: what a load test will find, before it is made; and what one would find that this machine is too small
//! for.

mod model;

use std::{
    fmt::{self, Display, Formatter},
    io::{self, IsTerminal, Write},
};

use anyhow::bail;
use predict::{Demand, Scalability};
use serde::Serialize;

use self::model::{Wiring, limits_of, model, place, scale_rows};
use super::runs::{self, SavedRun};
use crate::{
    cli::Predict,
    forecast::{Forecast, Guess, Guessed, Known, known},
    lesson::Lesson,
    project::Scenario,
};

/// What was asked, and the answer.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The run that it was computed from; `None` when everything was given.
    pub run_id: Option<String>,
    /// Where the parts are supposed to run, in words.
    pub place: String,
    /// The answer.
    #[serde(flatten)]
    pub forecast: Forecast,
    /// What is kept until the load test that it is about; `None` when it is about none that can be made here.
    pub kept: Option<Guess>,
}

/// Predicts what `scenario` will do, or would do at another size.
///
/// # Errors
/// When there is no run to compute from, and the options leave something open.
pub fn run(scenario: &Scenario, options: &Predict, may_ask: bool) -> anyhow::Result<Report> {
    let lesson = Lesson::read(scenario)?;
    let runs = runs::all(scenario)?;
    let saved = match &options.run {
        Some(id) => Some(runs::find(scenario, id)?),
        None => runs.iter().rev().find(|run| measured(run).is_some()).cloned(),
    };
    let wiring = Wiring::now(scenario, &lesson);
    let (known, mut unknown) = basis(saved.as_ref(), options)?;
    let mut model = model(&lesson, options, &known, wiring.as_ref().ok());
    let is_elsewhere = place(options, &mut model, wiring.as_ref().ok(), &known);
    scale_rows(options, saved.as_ref(), &mut model, &mut unknown);
    unknown.extend(limits_of(&model, saved.as_ref(), is_elsewhere));
    let scalability = scalability(&runs, saved.as_ref());
    let forecast = Forecast::of(model, scalability, unknown);
    let kept = if is_elsewhere || options.rows.is_some() {
        None
    } else {
        let guess = keep(options, &lesson, &forecast, may_ask)?;
        guess.store(scenario)?;
        Some(guess)
    };
    let place = if is_elsewhere { ELSEWHERE } else { HERE };
    Ok(Report { run_id: saved.map(|saved| saved.run_id), place: place.to_owned(), forecast, kept })
}

const HERE: &str = "everything on this machine";
const ELSEWHERE: &str = "each server on a machine of its own, as large as the one measured; the users elsewhere; the database on this machine";

/// What `run` tells of its requests; `None` for a run of an older lab, or one that must not be believed.
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
            unknown.push("without a run only the connections are known: CPU is taken for endless".to_owned());
            Known {
                demand: Demand { to_database: 1.0, ..Demand::default() },
                pool: None,
                patience_s: None,
                slots: usize::MAX,
                cores: f64::from(u16::MAX),
            }
        }
        (None, None) => bail!(
            "there is no run to compute from; make one with: make loadtest, or say what is known: \
            cargo lab predict --service 50ms --pool 3 --users 50"
        ),
    };
    if let Some(service) = options.service {
        let Demand { database_s, .. } = known.demand;
        known.demand.database_wait_s = (service.as_secs_f64() - database_s).max(0.0);
        known.demand.held_s = 0.0;
    }
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

/// What is kept until the load test: the answer, and what the learner thinks.
fn keep(options: &Predict, lesson: &Lesson, forecast: &Forecast, may_ask: bool) -> anyhow::Result<Guess> {
    let yours_per_s = match options.guess {
        None if may_ask && io::stdin().is_terminal() && io::stderr().is_terminal() => ask()?,
        guess => guess,
    };
    let simulated = &forecast.simulated;
    Ok(Guess {
        users: options
            .rate
            .is_none()
            .then_some(options.users.map_or(lesson.load.users, |users| users as usize)),
        rate_per_s: options.rate,
        guessed: Guessed {
            yours_per_s,
            simulated_per_s: Some(simulated.ok_per_s),
            simulated_ms: simulated.latency.map(|latency| latency.mean * 1_000.0),
        },
    })
}

/// Before the answer is shown.
fn ask() -> anyhow::Result<Option<f64>> {
    loop {
        eprint!("First your own guess, in good answers per second (Enter for none): ");
        io::stderr().flush()?;
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        match line.trim() {
            "" => return Ok(None),
            number => match number.parse::<f64>() {
                Ok(per_s) if per_s.is_finite() && per_s >= 0.0 => return Ok(Some(per_s)),
                _ => eprintln!("That is no number; write it like 500."),
            },
        }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.run_id {
            Some(id) => writeln!(f, "Computed from run {id}; {}.\n", self.place)?,
            None => writeln!(f, "Computed from what you said.\n")?,
        }
        write!(f, "{}", self.forecast)?;
        match &self.kept {
            Some(Guess { guessed: Guessed { yours_per_s: Some(yours), .. }, .. }) => {
                write!(
                    f,
                    "\nYour guess of {yours} per second is kept. Next: see who is right, with: make loadtest"
                )
            }
            Some(_) => write!(f, "\nNext: see whether it is right, with: make loadtest"),
            None => write!(
                f,
                "\nNext: ask for another size, for example: cargo lab predict --users 10000 --servers 1000 --rows 10x"
            ),
        }
    }
}
