//! `lab watch`: checks again whenever the running system changes, and prints which verdicts changed. In a terminal its keys
//! do what a learner wants next.

use std::{collections::BTreeMap, fmt::Display, io::IsTerminal, time::Duration};

use observe::{measurement::Options, run_identity::checked_state};
use project::{Scenario, Session};
use tokio::{signal::ctrl_c, time::sleep};
use verdict::{check_report::RETRIES, claims::Verdict, hints};
use workflow::check::check;

use super::{check::end, load};
use crate::{commands::keys::Keys, output};

/// Between two looks at what runs.
const INTERVAL: Duration = Duration::from_millis(500);

/// Checks until Ctrl-C, or `q`.
///
/// # Errors
/// When the scenario is not up any more, or the lab cannot do its work.
pub async fn run(scenario: &Scenario) -> anyhow::Result<()> {
    tokio::select! {
        result = check_on_change(scenario) => result,
        result = ctrl_c() => Ok(result?),
    }
}

async fn check_on_change(scenario: &Scenario) -> anyhow::Result<()> {
    let mut before: BTreeMap<String, Verdict> = BTreeMap::new();
    let mut retries = 0;
    loop {
        let checked = checked_state(&Session::open(scenario)?).await?;
        let report = check(scenario).await?;
        for goal in &report.goals {
            match before.get(&goal.id) {
                Some(then) if *then == goal.verdict => {}
                Some(then) => print(format!("{:<12} (was {then}) {}", goal.verdict, goal.title))?,
                None => print(format!("{:<12} {}", goal.verdict, goal.title))?,
            }
        }
        print(report.conclusion())?;
        if let Some(end) = end(scenario, &report) {
            print(end)?;
        }
        let may_differ = report.may_differ_next_time();
        before = report.goals.into_iter().map(|goal| (goal.id, goal.verdict)).collect();
        if may_differ && retries < RETRIES {
            retries += 1;
            print("\nThis machine was too busy to tell; checking again")?;
            continue;
        }
        retries = 0;
        let changed = async || {
            while checked_state(&Session::open(scenario)?).await? == checked {
                sleep(INTERVAL).await;
            }
            anyhow::Ok(())
        };
        if !std::io::stdin().is_terminal() {
            print("\nwaiting for a change; Ctrl-C ends this")?;
            changed().await?;
            continue;
        }
        print("\nwaiting for a change; keys: c check now, l load test, h hint, q quit")?;
        let keys = Keys::open()?;
        loop {
            let key = tokio::select! {
                result = changed() => { result?; break }
                key = keys.next() => key?,
            };
            match key {
                'c' => break,
                'q' => return Ok(()),
                'h' => print(hints::next(scenario)?)?,
                'l' => print(load::run_with(scenario, Options::default()).await?)?,
                _ => {}
            }
        }
    }
}

fn print(what: impl Display) -> anyhow::Result<()> {
    Ok(output::print(&what, "")?)
}
