//! The code of saved runs, loaded again by turns, in a checkout of the lab's own.

use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;

use super::{code::Code, runs, scratch::Scratch, turns::Turns};
use crate::{
    cli::{Ab, Program},
    lesson::Lesson,
    project::{Project, Scenario},
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

/// Loads the programs of `options` by turns. The code is that of the runs; the data are those of the seed.
///
/// The first time everything is compiled once more, and then for each turn what differs.
///
/// # Errors
/// When there is no such run, or its code does not compile any more.
pub async fn by_turns(
    project: &Project,
    number: u8,
    options: &Ab,
    mut turns: Turns,
) -> anyhow::Result<Turns> {
    let scenario = project.scenario(number)?;
    let lesson = Lesson::read(&scenario)?;
    let text = |program: &Program| text(&scenario, program);
    let texts = [text(&options.before)?, text(&options.after)?];
    let names = [options.before.in_words(), options.after.in_words()];
    let duration = options.duration;
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
        Program::Then(id) => Text::Then(runs::find(scenario, id)?.code),
    })
}

fn load(scratch: &Scratch, scenario: &Scenario, duration: Duration) -> anyhow::Result<runs::SavedRun> {
    scratch.lab(&["up", &scenario.number.to_string(), "--no-watch", "--no-dashboard"])?;
    scratch.lab(&["reset", "--data"])?;
    let output = scratch.lab(&["load", "--duration", &format!("{}s", duration.as_secs()), "--json"])?;
    let loaded: Loaded =
        serde_json::from_slice(&output.stdout).context("lab load --json did not print what it should")?;
    runs::find(scenario, &loaded.run_id)
}
