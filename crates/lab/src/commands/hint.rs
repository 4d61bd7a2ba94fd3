//! `lab hint`: the next of four hints, about whatever the learner's last check or load test showed to be wrong.

use std::{
    fmt::{self, Display, Formatter},
    fs,
    path::Path,
};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use super::runs;
use crate::{
    claims::Verdict,
    goals::{Goal, Goals},
    measured::Measured,
    progress::{self, Progress},
    project::{Scenario, read_json},
};

/// From a question to the answer. Each is a heading of the hints' files.
pub const LEVELS: [&str; 4] = ["Nudge", "Where", "What", "Diff"];

/// What helps now.
#[derive(Debug, Serialize)]
pub struct Hint {
    /// What it is about.
    pub topic: String,
    /// 1 to 4; 0 when there is nothing to hint at.
    pub level: usize,
    /// In Markdown.
    pub text: String,
}

/// The part of the last check that matters here.
#[derive(Deserialize)]
struct Checked {
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
struct Claim {
    id: String,
    verdict: Verdict,
    why: Option<String>,
    next: Option<String>,
}

/// The next hint.
///
/// # Errors
/// When a hint cannot be read, or progress cannot be kept.
pub fn run(scenario: &Scenario) -> anyhow::Result<Hint> {
    let goals = Goals::read(scenario)?;
    match missed(scenario, &goals)? {
        Missed::Goal(goal) => next(scenario, &goal.hints),
        other => Ok(Hint::without_topic(&other.in_words())),
    }
}

/// The hints on what is missed now that were asked for already; what there is to say where nothing is missed.
///
/// # Errors
/// When a hint, or progress, cannot be read.
pub fn so_far(scenario: &Scenario) -> anyhow::Result<Vec<Hint>> {
    let goals = Goals::read(scenario)?;
    let goal = match missed(scenario, &goals)? {
        Missed::Goal(goal) => goal,
        other => return Ok(vec![Hint::without_topic(&other.in_words())]),
    };
    let topic = &goal.hints;
    let given =
        Progress::read(&scenario.lab_dir)?.lesson(scenario).hints.get(topic).copied().unwrap_or_default();
    let hints = read(&scenario.docs().join(format!("hints/{topic}.md")))?;
    let hint = |(level, text)| Hint { topic: topic.clone(), level, text };
    Ok((1..).zip(hints).take(given).map(hint).collect())
}

/// What there is to hint at.
enum Missed<'a> {
    Nothing,
    Unknown,
    /// Something that explains itself.
    Other(String),
    Goal(&'a Goal),
}

impl Missed<'_> {
    fn in_words(self) -> String {
        match self {
            Self::Nothing => "Every goal is reached; there is nothing left to hint at.".to_owned(),
            Self::Unknown => "There is nothing to go by yet: break it first, with: make loadtest".to_owned(),
            Self::Other(words) => words,
            Self::Goal(goal) => goal.title.clone(),
        }
    }
}

/// The first goal that the last check missed; when a load test came after it, the first that this one shows.
fn missed<'a>(scenario: &Scenario, goals: &'a Goals) -> anyhow::Result<Missed<'a>> {
    let check = scenario.dir().join("check.json");
    let checked_at = fs::metadata(&check).and_then(|file| file.modified()).ok();
    let run = runs::all(scenario)?.pop();
    let ran_at = run.as_ref().and_then(|run| {
        fs::metadata(scenario.runs().join(format!("{}.json", run.run_id)))
            .and_then(|file| file.modified())
            .ok()
    });
    if checked_at > ran_at {
        let checked: Checked =
            read_json(&check).context("the last check cannot be read; next: make check")?;
        let Some(claim) = checked.claims.into_iter().find(|claim| claim.verdict != Verdict::Pass) else {
            return Ok(Missed::Nothing);
        };
        let explains_itself = || {
            format!("{}\nNext: {}", claim.why.unwrap_or_default(), claim.next.unwrap_or("make check".into()))
        };
        let goal = goals.goals.iter().find(|goal| goal.id == claim.id);
        return Ok(goal.map_or_else(|| Missed::Other(explains_itself()), Missed::Goal));
    }
    let Some(run) = run else { return Ok(Missed::Unknown) };
    // A run that proves nothing hints at something all the same.
    let measured = Measured { why_invalid: None, ..Measured::of(&run.run, run.seen) };
    // What a load test does not show may be missed as well.
    let is_reached = |goal: &&Goal| goal.relative_to.is_none() && goal.is_reached_by(&measured);
    Ok(goals.goals.iter().find(|goal| !is_reached(goal)).map_or(Missed::Nothing, Missed::Goal))
}

fn next(scenario: &Scenario, topic: &str) -> anyhow::Result<Hint> {
    let hints = read(&scenario.docs().join(format!("hints/{topic}.md")))?;
    let mut progress = Progress::read(&scenario.lab_dir)?;
    let given = progress.lesson(scenario).hints.entry(topic.to_owned()).or_default();
    let level = (*given + 1).min(LEVELS.len());
    if level == LEVELS.len() && progress::is_locked(scenario)? {
        return Ok(Hint::without_topic(
            "The last hint is the solution. It is locked until: make check passes",
        ));
    }
    *given = level;
    progress.write(&scenario.lab_dir)?;
    Ok(Hint { topic: topic.to_owned(), level, text: hints[level - 1].clone() })
}

/// The four hints of a file.
///
/// # Errors
/// When it has not these four headings, in this order.
pub fn read(path: &Path) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let sections = format!("\n{text}");
    let sections: Vec<_> = sections.split("\n## ").skip(1).map(|section| section.split_once('\n')).collect();
    let titles: Vec<_> = sections.iter().flatten().map(|(title, _)| title.trim()).collect();
    ensure!(titles == LEVELS, "{} has the headings {titles:?}, not {LEVELS:?}", path.display());
    Ok(sections.into_iter().flatten().map(|(_, text)| text.trim().to_owned()).collect())
}

impl Hint {
    fn without_topic(text: &str) -> Self {
        Self { topic: String::new(), level: 0, text: text.to_owned() }
    }
}

impl Display for Hint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { topic, level, text } = self;
        match level.checked_sub(1) {
            None => f.write_str(text),
            Some(level_index) => {
                let (name, all) = (LEVELS[level_index].to_lowercase(), LEVELS.len());
                write!(f, "Hint {level} of {all} on {topic} ({name}):\n\n{text}")?;
                if *level < all { write!(f, "\n\nNot enough? make hint") } else { Ok(()) }
            }
        }
    }
}
