//! A lesson can be read, has its hints, states its claims, and its solution keeps the budget.

use std::collections::BTreeSet;

use compose::Compose;
use lesson::{Goals, hints};
use project::{Project, Scenario};
use verdict::solution;

use super::{Finding, claims};
use crate::files::read;

/// Lines that a reference solution may change in a file. More would be another lesson.
const SOLUTION_MAX_LINES: usize = 40;

pub fn check(project: &Project) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for scenario in project.scenarios() {
        lesson(&scenario, &mut findings)?;
    }
    Ok(findings)
}

fn lesson(scenario: &Scenario, findings: &mut Vec<Finding>) -> anyhow::Result<()> {
    let docs = format!("docs/scenario-{}", scenario.number);
    let mut add = |place: String, wrong: String, advice: String| {
        findings.push(Finding { place, wrong, advice, heading: "lessons" });
    };
    let lesson = scenario.lesson()?;
    Compose::read(&scenario.root.join(scenario.compose_file()), |_| None)?;
    match scenario.goals() {
        Err(error) => add(format!("{docs}/check.toml"), format!("{error:#}"), "Correct it.".to_owned()),
        Ok(Goals { goals, .. }) => {
            for topic in goals.iter().map(|goal| &goal.hints).collect::<BTreeSet<_>>() {
                let file = format!("{docs}/hints/{topic}.md");
                if let Err(error) = hints::read(&scenario.root.join(&file)) {
                    add(file, format!("{error:#}"), "Write the four hints of this topic.".to_owned());
                }
            }
        }
    }
    if let Err(error) = scenario.wrong_fixes() {
        add(format!("{docs}/wrong-fixes.toml"), format!("{error:#}"), "Correct it.".to_owned());
    }
    let changed = solution::diff(scenario)?.most_in_a_file;
    if changed > SOLUTION_MAX_LINES {
        add(
            docs.clone(),
            format!("the solution changes {changed} lines of a file, more than {SOLUTION_MAX_LINES}"),
            "Move into the starter what only keeps the solution in step.".to_owned(),
        );
    }
    let text = format!("{docs}/SCENARIO.md");
    let words = read(&text)?;
    if let Some(minutes) =
        lesson.minutes.filter(|minutes| !words.contains(&format!("about {minutes} minutes")))
    {
        add(
            text.clone(),
            format!("it does not say \"about {minutes} minutes\", as lesson.toml does"),
            "Write the same time in both.".to_owned(),
        );
    }
    for name in lesson.figures.keys().filter(|name| !words.contains(&format!("| {name} |"))) {
        add(
            format!("{docs}/lesson.toml"),
            format!("no table of {text} has a row or column \"{name}\""),
            "Write it in [figures] as the table does.".to_owned(),
        );
    }
    findings.extend(claims::check(&text, &words, &lesson.claims));
    let file = format!("{docs}/lesson.toml");
    let source = read(&file)?;
    for claim in &lesson.claims {
        let line = source.lines().position(|line| line.contains(&format!("\"{}\"", claim.id)));
        let place = format!("{file}:{}", line.unwrap_or_default() + 1);
        let mut add = |wrong: String, advice: &str| {
            let (place, advice) = (place.clone(), advice.to_owned());
            findings.push(Finding { place, wrong, advice, heading: "lessons" });
        };
        let is_known = |id: &str| lesson.stages.iter().any(|stage| stage.id == id);
        if !is_known(&claim.stage) || claim.relative_to.as_deref().is_some_and(|id| !is_known(id)) {
            add(format!("claim {} names an unknown stage", claim.id), "Name a stage of this lesson.");
        }
        if claim.at_least.is_none() && claim.at_most.is_none() {
            add(format!("claim {} has no limit", claim.id), "Add `at_least` or `at_most`.");
        }
    }
    Ok(())
}
