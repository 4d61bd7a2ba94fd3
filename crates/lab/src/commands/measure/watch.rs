//! `lab watch`: checks again whenever the running system changes, and prints which verdicts changed.

use std::{collections::BTreeMap, time::Duration};

use observe::run_identity::checked_state;
use project::{Scenario, Session};
use tokio::{signal::ctrl_c, time::sleep};
use verdict::{check_report::RETRIES, claims::Verdict};
use workflow::check::check;

use super::check::end;

/// Between two looks at what runs.
const INTERVAL: Duration = Duration::from_millis(500);

/// Checks until Ctrl-C.
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
                Some(then) => println!("{:<12} (was {then}) {}", goal.verdict, goal.title),
                None => println!("{:<12} {}", goal.verdict, goal.title),
            }
        }
        println!("{}", report.conclusion());
        if let Some(end) = end(scenario, &report) {
            println!("{end}");
        }
        let may_differ = report.may_differ_next_time();
        before = report.goals.into_iter().map(|goal| (goal.id, goal.verdict)).collect();
        if may_differ && retries < RETRIES {
            retries += 1;
            println!("\nThis machine was too busy to tell; checking again");
            continue;
        }
        retries = 0;
        println!("\nwaiting for a change; Ctrl-C ends this");
        while checked_state(&Session::open(scenario)?).await? == checked {
            sleep(INTERVAL).await;
        }
    }
}
