//! Rerun: builds the code of saved runs in a checkout of the lab's own, and alternates load between them.

use std::time::Duration;

use anyhow::Context;
use observe::{saved_runs, source_code::Code};
use project::{Project, Scenario};
use serde::Deserialize;

use crate::{
    interleaved::{Program, Question, schedule::Schedule},
    sandbox::Scratch,
};

/// The part of `lab load --json` that matters here.
#[derive(Deserialize)]
struct Loaded {
    run_id: String,
}

/// What stands in the files.
enum Text {
    /// What the learner has now.
    Now,
    /// What the reference has.
    Solution,
    /// What the run had.
    Then(Code),
}

/// Alternates load between the programs of `options`. The code is that of the runs; the data are those of the seed.
///
/// The first round compiles everything; each later one compiles only the difference.
///
/// # Errors
/// When there is no such run, or its code does not compile any more.
pub async fn by_turns(
    project: &Project,
    number: u8,
    question: &Question,
    mut turns: Schedule,
) -> anyhow::Result<Schedule> {
    let scenario = project.scenario(number)?;
    let lesson = scenario.lesson()?;
    let text = |program: &Program| text(&scenario, program);
    let texts = [text(&question.before)?, text(&question.after)?];
    let names = [question.before.in_words(), question.after.in_words()];
    let duration = question.duration;
    let take = move |scratch: &Scratch| {
        let scenario = scratch.project().scenario(number)?;
        while let Some(which) = turns.whose() {
            eprintln!("{turns}, {}", names[which]);
            scratch.put_back()?;
            match &texts[which] {
                Text::Now => {}
                Text::Solution => scratch.solve(&lesson)?,
                Text::Then(code) => scratch.write(&code.files)?,
            }
            turns.take(&load(scratch, &scenario, duration)?.run);
        }
        Ok(turns)
    };
    Scratch::of(project)?.work(take).await
}

fn text(scenario: &Scenario, program: &Program) -> anyhow::Result<Text> {
    Ok(match program {
        Program::Now(variant) if variant.is_solution() => Text::Solution,
        Program::Now(_) => Text::Now,
        Program::Then(id) => Text::Then(saved_runs::find(scenario, id)?.code),
    })
}

fn load(scratch: &Scratch, scenario: &Scenario, duration: Duration) -> anyhow::Result<saved_runs::SavedRun> {
    scratch.lab(&["up", &scenario.number.to_string(), "--no-watch", "--no-dashboard"])?;
    scratch.lab(&["reset", "--data"])?;
    let output = scratch.lab(&["load", "--duration", &format!("{}s", duration.as_secs()), "--json"])?;
    let loaded: Loaded =
        serde_json::from_slice(&output.stdout).context("lab load --json printed unexpected output")?;
    saved_runs::find(scenario, &loaded.run_id)
}
