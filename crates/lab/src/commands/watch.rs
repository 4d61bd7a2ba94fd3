//! `lab watch`: checks again whenever what runs has changed, and says which goal turned.

use std::{collections::BTreeMap, time::Duration};

use tokio::{signal::ctrl_c, time::sleep};

use super::{check, running, subject::Subject};
use crate::{claims::Verdict, lesson::Lesson, process::Identity, project::Scenario};

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

/// What a check would be about: the files and data, and the processes of the programs. A file that was saved a moment ago
/// is not in the program yet, and a check made then would be of the old one.
///
/// # Errors
/// When the scenario is not up, or its database does not answer.
pub async fn now(scenario: &Scenario) -> anyhow::Result<(Subject, Vec<Identity>)> {
    let (desired, state) = running(scenario)?;
    let programs = desired.services.iter().filter(|service| service.program().is_some());
    let processes = programs.filter_map(|program| state.service(&program.name)?.process.clone()).collect();
    Ok((Subject::now(scenario, &Lesson::read(scenario)?, &desired).await?, processes))
}

async fn check_on_change(scenario: &Scenario) -> anyhow::Result<()> {
    let mut before: BTreeMap<String, Verdict> = BTreeMap::new();
    loop {
        let checked = now(scenario).await?;
        let report = check::run(scenario).await?;
        for claim in &report.claims {
            match before.get(&claim.id) {
                Some(then) if *then == claim.verdict => {}
                Some(then) => println!("{:<12} (was {then}) {}", claim.verdict, claim.title),
                None => println!("{:<12} {}", claim.verdict, claim.title),
            }
        }
        println!("{}", report.conclusion());
        before = report.claims.into_iter().map(|claim| (claim.id, claim.verdict)).collect();
        println!("\nwaiting for a change; Ctrl-C ends this");
        while now(scenario).await? == checked {
            sleep(INTERVAL).await;
        }
    }
}
