//! `lab watch`: checks again whenever what runs has changed, and says which goal turned.

use std::{collections::BTreeMap, time::Duration};

use tokio::{signal::ctrl_c, time::sleep};

use super::{check, running, subject::Subject};
use crate::{claims::Verdict, lesson::Lesson, project::Scenario};

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
    let lesson = Lesson::read(scenario)?;
    let mut before: BTreeMap<String, Verdict> = BTreeMap::new();
    loop {
        let subject = Subject::now(scenario, &lesson, &running(scenario)?.0).await?;
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
        while Subject::now(scenario, &lesson, &running(scenario)?.0).await? == subject {
            sleep(INTERVAL).await;
        }
    }
}
