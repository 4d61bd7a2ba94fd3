//! `lab validate`: proves each lesson both ways. In a checkout of its own it makes every wrong turn that a lesson knows,
//! and the right one, and asks `lab check` each time, as a learner would.

mod lesson_states;
mod start;

use std::{
    fmt::{self, Display, Formatter},
    time::Instant,
};

use anyhow::{Context, ensure};
use compose::service_spec::Engine;
use lesson::wrong_fixes::{Expected, WrongFixes};
use project::{Project, Scenario};
use serde::Serialize;
use verdict::{check_report::CheckReport, claims::Verdict};

use self::lesson_states::{LessonState, lesson_states};
use crate::sandbox::Scratch;

/// How often a check is repeated, at most, until it gives the expected verdict. A machine has bad moments; more than one
/// of three is no moment.
const TRIES: usize = 3;

/// The verdict of `lab check` on every state of every lesson.
#[derive(Debug, Serialize)]
pub struct ValidateReport {
    states: Vec<StateResult>,
}

/// A state of a lesson's system, and its verdicts.
#[derive(Debug, Serialize)]
struct StateResult {
    scenario: u8,
    id: String,
    title: String,
    /// The expected verdict.
    announced: Verdict,
    runs: Vec<Ran>,
}

/// One check.
#[derive(Debug, Serialize)]
struct Ran {
    verdict: Verdict,
    took_s: f64,
    /// The first that was missed, as the learner reads it.
    says: Option<String>,
    /// How it differs from what the lesson expects.
    surprise: Option<String>,
}

/// Takes the lessons of `scenarios` through their states on `engine`, or through those called `only`, and checks each
/// `runs` times.
///
/// # Errors
/// When no state has that name, or one cannot be brought about.
pub async fn validate(
    project: &Project,
    scenarios: Vec<Scenario>,
    engine: Option<Engine>,
    only: Vec<String>,
    runs: usize,
) -> anyhow::Result<ValidateReport> {
    let scratch = Scratch::of(project)?.from_start(start::of(&scenarios)?)?;
    let lessons = scenarios.into_iter().map(|scenario| {
        let (lesson, wrong) = (scenario.lesson()?, scenario.wrong_fixes()?);
        anyhow::Ok((scenario, lesson, wrong))
    });
    let lessons = lessons.collect::<anyhow::Result<Vec<_>>>()?;
    let known: Vec<_> =
        lessons.iter().flat_map(|(.., wrong)| lesson_states(wrong).map(LessonState::id)).collect();
    for id in &only {
        ensure!(known.contains(&&**id), "there is no state `{id}`; there is {}", known.join(", "));
    }
    let prove_all = move |scratch: &Scratch| {
        let mut states = Vec::new();
        for (scenario, lesson, wrong) in &lessons {
            for state in
                lesson_states(wrong).filter(|state| only.is_empty() || only.iter().any(|id| id == state.id()))
            {
                eprint!("scenario {}, {}: ", scenario.number, state.id());
                state.bring_about(scratch, scenario, lesson)?;
                let state = prove(scratch, scenario, state, wrong, runs)?;
                eprintln!("{state}");
                states.push(state);
            }
            scratch.lab(&["down", &scenario.number.to_string()])?;
        }
        Ok(ValidateReport { states })
    };
    scratch.on(engine).work(prove_all).await
}

fn prove(
    scratch: &Scratch,
    scenario: &Scenario,
    state: LessonState,
    wrong: &WrongFixes,
    runs: usize,
) -> anyhow::Result<StateResult> {
    let expected = state.expected(wrong);
    let mut state = StateResult {
        scenario: scenario.number,
        id: state.id().to_owned(),
        title: state.title().to_owned(),
        announced: if expected.is_some() { Verdict::Fail } else { Verdict::Pass },
        runs: Vec::new(),
    };
    while state.runs.len() < runs || state.runs.len() < TRIES && !state.is_proved() {
        state.runs.push(check(scratch, expected)?);
    }
    Ok(state)
}

fn check(scratch: &Scratch, expected: Option<&Expected>) -> anyhow::Result<Ran> {
    let started = Instant::now();
    let output = scratch.lab(&["check", "--json"])?;
    let checked: CheckReport =
        serde_json::from_slice(&output.stdout).context("lab check --json printed unexpected output")?;
    let first = checked.goals.iter().find(|goal| goal.verdict == checked.verdict);
    Ok(Ran {
        verdict: checked.verdict,
        took_s: started.elapsed().as_secs_f64(),
        says: first
            .filter(|goal| goal.verdict != Verdict::Pass)
            .map(|goal| format!("{}: {}", goal.title, goal.why.as_deref().unwrap_or_default())),
        surprise: surprise(&checked, expected),
    })
}

/// How `checked` differs from what was expected.
fn surprise(checked: &CheckReport, expected: Option<&Expected>) -> Option<String> {
    let Some(Expected { fails, reaches }) = expected else {
        let missed = checked.goals.iter().find(|goal| goal.verdict != Verdict::Pass)?;
        return Some(format!("{} is {}", missed.id, missed.verdict));
    };
    let verdict = |id: &String| checked.goals.iter().find(|goal| goal.id == *id).map(|goal| goal.verdict);
    let first = checked.goals.iter().find(|goal| goal.verdict == Verdict::Fail).map(|goal| &goal.id);
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

impl ValidateReport {
    /// Whether every state got the verdict that its lesson expects.
    pub fn all_proved(&self) -> bool {
        self.states.iter().all(StateResult::is_proved)
    }
}

impl StateResult {
    /// Whether most checks gave the expected verdict, and none passed a wrong state.
    fn is_proved(&self) -> bool {
        let is_fooled = |ran: &Ran| ran.verdict == Verdict::Pass && self.announced != Verdict::Pass;
        self.as_announced() * 2 > self.runs.len() && !self.runs.iter().any(is_fooled)
    }

    fn as_announced(&self) -> usize {
        self.runs.iter().filter(|ran| ran.surprise.is_none()).count()
    }
}

impl Display for StateResult {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let count = |verdict| self.runs.iter().filter(|ran| ran.verdict == verdict).count();
        let [passes, fails, unclear] = [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive].map(count);
        let longest = self.runs.iter().map(|ran| ran.took_s).fold(0.0, f64::max);
        write!(
            f,
            "passed {passes}, failed {fails}, inconclusive {unclear}; {} of {} as expected; \
             {longest:.0} s at most",
            self.as_announced(),
            self.runs.len()
        )?;
        let surprises = self.runs.iter().filter_map(|ran| ran.surprise.as_ref());
        surprises.take(3).try_for_each(|surprise| write!(f, "; {surprise}"))
    }
}

impl Display for ValidateReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for state in &self.states {
            writeln!(f, "scenario {}, {}: {}\n    {state}", state.scenario, state.id, state.title)?;
            if let Some(says) = state.runs.first().and_then(|ran| ran.says.as_ref()) {
                writeln!(f, "    {says}")?;
            }
        }
        let proved = self.states.iter().filter(|state| state.is_proved()).count();
        write!(f, "{proved} of {} states got the verdict that their lesson expects", self.states.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_proved(announced: Verdict, runs: &[(Verdict, bool)]) -> bool {
        let ran = |&(verdict, as_announced): &(Verdict, bool)| Ran {
            verdict,
            took_s: 1.0,
            says: None,
            surprise: (!as_announced).then(String::new),
        };
        let runs = runs.iter().map(ran).collect();
        StateResult { scenario: 1, id: String::new(), title: String::new(), announced, runs }.is_proved()
    }

    #[test]
    fn one_bad_moment_of_three_is_forgiven_and_two_are_not() {
        assert!(is_proved(
            Verdict::Pass,
            &[(Verdict::Fail, false), (Verdict::Pass, true), (Verdict::Pass, true)]
        ));
        assert!(!is_proved(Verdict::Pass, &[(Verdict::Fail, false), (Verdict::Pass, true)]));
        assert!(!is_proved(Verdict::Pass, &[]));
    }

    #[test]
    fn wrong_is_taken_for_right_not_even_once() {
        let runs = [(Verdict::Fail, true), (Verdict::Fail, true), (Verdict::Pass, false)];
        assert!(!is_proved(Verdict::Fail, &runs));
    }
}
