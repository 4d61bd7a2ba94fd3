//! Checks again whenever something changed, while the learner wants that: `lab watch`, in the page.

use std::{
    sync::atomic::Ordering,
    time::{Duration, SystemTime},
};

use observe::run_identity::{Subject, checked_state};
use process::Identity;
use project::{Scenario, Session};
use tokio::time::sleep;
use verdict::check_report::{CheckReport, RETRIES};

use crate::{Site, goals};

/// Between two looks at what runs.
const INTERVAL: Duration = Duration::from_secs(1);

/// Goes on for ever. What cannot be looked at now (it is being restarted, for example) is looked at again.
pub async fn check_on_change(site: &Site) {
    let (mut checked, mut retries) = (None, 0);
    loop {
        sleep(INTERVAL).await;
        if !site.watches.load(Ordering::Relaxed) {
            checked = None;
        } else if site.jobs.loading().is_none()
            && let Ok(now) = look(&site.scenario).await
        {
            let is_new = checked.as_ref() != Some(&now);
            let is_open = || retries < RETRIES && CheckReport::last(&site.scenario).is_some_and(may_differ);
            if (is_new || is_open()) && goals::start(site).is_ok() {
                retries = if is_new { 0 } else { retries + 1 };
                checked = Some(now);
            }
        }
    }
}

fn may_differ((report, _): (CheckReport, SystemTime)) -> bool {
    report.may_differ_next_time()
}

async fn look(scenario: &Scenario) -> anyhow::Result<(Subject, Vec<Identity>)> {
    checked_state(&Session::open(scenario)?).await
}
