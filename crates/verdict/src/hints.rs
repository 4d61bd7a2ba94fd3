//! `lab hint`: the next of four hints, about the first problem that the learner's last check or load test found.

use std::{
    fmt::{self, Display, Formatter},
    fs,
};

use lesson::goals::{Goal, Goals};
use lesson::hints::{LEVELS, read};
use observe::{measured::Measured, saved_runs};
use project::Scenario;
use serde::Serialize;

use crate::{
    check_report::CheckReport,
    claims::Verdict,
    judge::is_reached_by,
    progress::{self, Progress},
};

/// The next hint.
#[derive(Debug, Serialize)]
pub struct Hint {
    /// Its topic.
    pub topic: String,
    /// 1 to 4; 0 when there is no hint.
    pub level: usize,
    /// In Markdown.
    pub text: String,
    /// Whether it was given before: there is no further hint on this topic.
    pub is_repeated: bool,
}

/// The next hint.
///
/// # Errors
/// When a hint cannot be read, or progress cannot be kept.
pub fn next(scenario: &Scenario) -> anyhow::Result<Hint> {
    let goals = scenario.goals()?;
    match missed(scenario, &goals)? {
        Missed::Goal(goal) => give(scenario, &goal.hints),
        other => Ok(Hint::without_topic(&other.in_words())),
    }
}

/// The hints already shown for the goal that is missed now; a message if none is missed.
///
/// # Errors
/// When a hint, or progress, cannot be read.
pub fn so_far(scenario: &Scenario) -> anyhow::Result<Vec<Hint>> {
    let goals = scenario.goals()?;
    let goal = match missed(scenario, &goals)? {
        Missed::Goal(goal) => goal,
        other => return Ok(vec![Hint::without_topic(&other.in_words())]),
    };
    let topic = &goal.hints;
    let given =
        Progress::read(&scenario.lab_dir)?.lesson(scenario).hints.get(topic).copied().unwrap_or_default();
    let hints = read(&scenario.docs().join(format!("hints/{topic}.md")))?;
    let hint = |(level, text)| Hint { topic: topic.clone(), level, text, is_repeated: false };
    Ok((1..).zip(hints).take(given).map(hint).collect())
}

/// The topic of the next hint.
enum Missed<'a> {
    Nothing,
    Unknown,
    /// A failed check with its own explanation.
    Other(String),
    Goal(&'a Goal),
}

impl Missed<'_> {
    fn in_words(self) -> String {
        match self {
            Self::Nothing => "Every goal is reached; no hints are left.".to_owned(),
            Self::Unknown => "There are no runs yet; make one with: make loadtest".to_owned(),
            Self::Other(words) => words,
            Self::Goal(goal) => goal.title.clone(),
        }
    }
}

/// The first goal that the last check missed; when a load test came after it, the first that this one shows.
fn missed<'a>(scenario: &Scenario, goals: &'a Goals) -> anyhow::Result<Missed<'a>> {
    let checked = CheckReport::last(scenario);
    let checked_at = checked.as_ref().map(|(_, when)| *when);
    let run = saved_runs::all(scenario)?.pop();
    let ran_at = run.as_ref().and_then(|run| {
        fs::metadata(scenario.runs().join(format!("{}.json", run.run_id)))
            .and_then(|file| file.modified())
            .ok()
    });
    if let Some((checked, _)) = checked
        && checked_at > ran_at
    {
        let Some(missed) = checked.goals.into_iter().find(|goal| goal.verdict != Verdict::Pass) else {
            return Ok(Missed::Nothing);
        };
        let explanation = || {
            let next = missed.next.unwrap_or("make check".into());
            format!("{}\nNext: {next}", missed.why.unwrap_or_default())
        };
        let goal = goals.goals.iter().find(|goal| goal.id == missed.id);
        return Ok(goal.map_or_else(|| Missed::Other(explanation()), Missed::Goal));
    }
    let Some(run) = run else { return Ok(Missed::Unknown) };
    // An invalid run still points to a topic.
    let measured = Measured { why_invalid: None, ..Measured::of(&run.run, run.seen) };
    // A goal that a load test does not show counts as missed.
    let is_reached = |goal: &&Goal| goal.relative_to.is_none() && is_reached_by(goal, &measured);
    Ok(goals.goals.iter().find(|goal| !is_reached(goal)).map_or(Missed::Nothing, Missed::Goal))
}

fn give(scenario: &Scenario, topic: &str) -> anyhow::Result<Hint> {
    let hints = read(&scenario.docs().join(format!("hints/{topic}.md")))?;
    let mut progress = Progress::read(&scenario.lab_dir)?;
    let given = progress.lesson(scenario).hints.entry(topic.to_owned()).or_default();
    let is_repeated = *given >= LEVELS.len();
    let level = (*given + 1).min(LEVELS.len());
    if level == LEVELS.len() && progress::is_locked(scenario)? {
        return Ok(Hint::without_topic(
            "The last hint is the solution. It is locked until: make check passes",
        ));
    }
    *given = level;
    progress.write(&scenario.lab_dir)?;
    Ok(Hint { topic: topic.to_owned(), level, text: hints[level - 1].clone(), is_repeated })
}

impl Hint {
    fn without_topic(text: &str) -> Self {
        Self { topic: String::new(), level: 0, text: text.to_owned(), is_repeated: false }
    }
}

impl Display for Hint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { topic, level, text, is_repeated } = self;
        match level.checked_sub(1) {
            None => f.write_str(text),
            Some(level_index) => {
                let (name, all) = (LEVELS[level_index].to_lowercase(), LEVELS.len());
                let again = if *is_repeated {
                    "There are no more hints on this topic; this is the last one again.\n\n"
                } else {
                    ""
                };
                write!(f, "{again}Hint {level} of {all} on {topic} ({name}):\n\n{text}")?;
                if *level < all { write!(f, "\n\nNot enough? make hint") } else { Ok(()) }
            }
        }
    }
}
