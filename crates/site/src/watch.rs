//! Checks again whenever something changed, while the learner wants that: `lab watch`, in the page.

use std::{sync::atomic::Ordering, time::Duration};

use observe::subject::{Subject, checked_state};
use process::Identity;
use project::{Scenario, Session};
use tokio::time::sleep;

use crate::{Site, goals};

/// Between two looks at what runs.
const INTERVAL: Duration = Duration::from_secs(1);

/// Goes on for ever. What cannot be looked at now (it is being restarted, for example) is looked at again.
pub async fn check_on_change(site: &Site) {
    let mut checked = None;
    loop {
        sleep(INTERVAL).await;
        if !site.watches.load(Ordering::Relaxed) {
            checked = None;
        } else if site.jobs.loading().is_none()
            && let Ok(now) = look(&site.scenario).await
            && checked.as_ref() != Some(&now)
            && goals::start(site).is_ok()
        {
            checked = Some(now);
        }
    }
}

async fn look(scenario: &Scenario) -> anyhow::Result<(Subject, Vec<Identity>)> {
    checked_state(&Session::open(scenario)?).await
}
