//! `lab validate`: proves each lesson both ways. In a checkout of its own it makes every wrong turn that a lesson knows,
//! and the right one, and asks `lab check` each time, as a learner would.

use std::{
    fmt::{self, Display, Formatter},
    process::ExitCode,
    time::Instant,
};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::scratch::Scratch;
use crate::{
    claims::Verdict,
    goals::{Expected, Goals},
    lesson::Lesson,
    project::{Project, Scenario},
};

/// A check that says "nobody can tell" is made again, so often at most.
const TRIES: u32 = 3;

/// What `lab check` said of every state of every lesson.
#[derive(Debug, Serialize)]
pub struct Report {
    states: Vec<State>,
}

/// A state of a lesson's system, and what was said of it.
#[derive(Debug, Serialize)]
struct State {
    scenario: u8,
    id: String,
    title: String,
    runs: Vec<Ran>,
}

/// One check.
#[derive(Debug, Serialize)]
struct Ran {
    verdict: Verdict,
    took_s: f64,
    /// The first that was missed, as the learner reads it.
    says: Option<String>,
    /// In what it differs from what the lesson announces.
    surprise: Option<String>,
}

/// What there is to expect.
enum Outcome<'a> {
    Done,
    Fails(&'a Expected),
}

/// Takes the lessons of `scenarios` through all their states, each `runs` times.
///
/// # Errors
/// When a state cannot be brought about.
pub async fn run(project: &Project, scenarios: Vec<Scenario>, runs: u32) -> anyhow::Result<Report> {
    let prove_all = move |scratch: &Scratch| {
        let mut states = Vec::new();
        scenarios.iter().try_for_each(|scenario| prove(scratch, scenario, runs, &mut states))?;
        Ok(Report { states })
    };
    Scratch::of(project)?.work(prove_all).await
}

fn prove(scratch: &Scratch, scenario: &Scenario, runs: u32, states: &mut Vec<State>) -> anyhow::Result<()> {
    let (lesson, goals) = (Lesson::read(scenario)?, Goals::read(scenario)?);
    let number = scenario.number.to_string();
    let mut check = |id: &str, title: &str, outcome: Outcome| {
        eprint!("scenario {number}, {id}: ");
        let ran = (0..runs).map(|_| check(scratch, &outcome)).collect::<anyhow::Result<Vec<_>>>()?;
        let state =
            State { scenario: scenario.number, id: id.to_owned(), title: title.to_owned(), runs: ran };
        eprintln!("{state}");
        states.push(state);
        anyhow::Ok(())
    };
    let start = || scratch.lab(&["up", &number, "--no-watch"]).map(drop);
    scratch.put_back()?;
    start()?;
    scratch.lab(&["reset", "--data"])?;
    check("starter", "As it came", Outcome::Fails(&goals.starter))?;
    for fix in &goals.fixes {
        scratch.apply(fix, &lesson)?;
        start()?;
        scratch.lab(&["reset", "--data"])?;
        if let Some(sql) = &fix.sql {
            scratch.lab(&["sql", "--set=ON_ERROR_STOP=1", "--command", sql])?;
        }
        if fix.fixed_database {
            scratch.lab(&["apply-fix"])?;
        }
        check(&fix.id, &fix.title, Outcome::Fails(&fix.expected))?;
    }
    scratch.solve(&lesson)?;
    start()?;
    scratch.lab(&["reset", "--data"])?;
    if lesson.database.fix.is_some() {
        scratch.lab(&["apply-fix"])?;
    }
    check("solution", "The reference solution", Outcome::Done)?;
    scratch.lab(&["reset"])?;
    start()?;
    check("reset", "After `make reset`", Outcome::Fails(&goals.starter))?;
    scratch.lab(&["down", &number]).map(drop)
}

/// The parts of `lab check --json` that matter here.
#[derive(Deserialize)]
struct Checked {
    verdict: Verdict,
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
struct Claim {
    id: String,
    title: String,
    verdict: Verdict,
    why: Option<String>,
}

fn check(scratch: &Scratch, outcome: &Outcome) -> anyhow::Result<Ran> {
    let mut tries = 0;
    loop {
        tries += 1;
        let started = Instant::now();
        let output = scratch.lab(&["check", "--json"])?;
        let checked: Checked = serde_json::from_slice(&output.stdout)
            .context("lab check --json did not print what it should")?;
        if checked.verdict == Verdict::Inconclusive && tries < TRIES {
            continue;
        }
        let first = checked.claims.iter().find(|claim| claim.verdict == checked.verdict);
        return Ok(Ran {
            verdict: checked.verdict,
            took_s: started.elapsed().as_secs_f64(),
            says: first
                .filter(|claim| claim.verdict != Verdict::Pass)
                .map(|claim| format!("{}: {}", claim.title, claim.why.as_deref().unwrap_or_default())),
            surprise: surprise(&checked, outcome),
        });
    }
}

/// In what `checked` differs from what was announced.
fn surprise(checked: &Checked, outcome: &Outcome) -> Option<String> {
    let verdict =
        |id: &String| checked.claims.iter().find(|claim| claim.id == *id).map(|claim| claim.verdict);
    match outcome {
        Outcome::Done => {
            let missed = checked.claims.iter().find(|claim| claim.verdict != Verdict::Pass)?;
            Some(format!("{} is {}", missed.id, missed.verdict))
        }
        Outcome::Fails(Expected { fails, reaches }) => {
            let first =
                checked.claims.iter().find(|claim| claim.verdict == Verdict::Fail).map(|claim| &claim.id);
            let passes = fails.iter().find(|id| verdict(id) != Some(Verdict::Fail));
            let misses = reaches.iter().find(|id| verdict(id) != Some(Verdict::Pass));
            match (passes, misses) {
                (Some(id), _) => Some(format!("{id} does not fail")),
                (None, Some(id)) => Some(format!("{id} is not reached")),
                (None, None) if first != fails.first() => {
                    Some(format!("the first that fails is {}", first.map_or("none", String::as_str)))
                }
                (None, None) => None,
            }
        }
    }
}

impl Report {
    /// 0 when every state was judged as its lesson announces.
    pub fn exit_code(&self) -> ExitCode {
        let is_surprised = |state: &State| state.runs.iter().any(|ran| ran.surprise.is_some());
        ExitCode::from(u8::from(self.states.iter().any(is_surprised)))
    }
}

impl Display for State {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let count = |verdict| self.runs.iter().filter(|ran| ran.verdict == verdict).count();
        let [passes, fails, unclear] = [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive].map(count);
        let as_announced = self.runs.iter().filter(|ran| ran.surprise.is_none()).count();
        let longest = self.runs.iter().map(|ran| ran.took_s).fold(0.0, f64::max);
        write!(
            f,
            "passed {passes}, failed {fails}, nobody can tell {unclear}; {as_announced} of {} as announced; \
             {longest:.0} s at most",
            self.runs.len()
        )?;
        let surprises = self.runs.iter().filter_map(|ran| ran.surprise.as_ref());
        surprises.take(3).try_for_each(|surprise| write!(f, "; {surprise}"))
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for state in &self.states {
            writeln!(f, "scenario {}, {}: {}\n    {state}", state.scenario, state.id, state.title)?;
            if let Some(says) = state.runs.first().and_then(|ran| ran.says.as_ref()) {
                writeln!(f, "    {says}")?;
            }
        }
        let is_proved = |state: &&State| state.runs.iter().all(|ran| ran.surprise.is_none());
        let proved = self.states.iter().filter(is_proved).count();
        write!(f, "{proved} of {} states were judged as their lessons announce", self.states.len())
    }
}
