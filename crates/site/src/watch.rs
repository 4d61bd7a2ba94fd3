//! Looks whether something has changed since the last check: a page marks its verdicts then, and checks again while the
//! learner wants that (`lab watch`, in the page).

use std::{
    sync::{Mutex, PoisonError, atomic::Ordering},
    time::{Duration, Instant, SystemTime},
};

use observe::{
    live_figures::LiveFigures,
    run_identity::{CheckedState, checked_state},
};
use project::{Scenario, Session};
use tokio::time::sleep;
use verdict::check_report::{CheckReport, RETRIES};

use crate::{Site, goals};

/// Between two looks at what runs.
const INTERVAL: Duration = Duration::from_secs(1);

/// An open page asks at least so often.
const OPEN: Duration = Duration::from_secs(10);

/// The state of what runs, from the last look, and when a page last asked for it.
#[derive(Default)]
pub struct CurrentSystem(Mutex<(Option<CheckedState>, Option<Instant>)>);

impl CurrentSystem {
    /// Whether `report` is older than the last change; `false` before the first look.
    pub fn makes_stale(&self, report: &CheckReport) -> bool {
        let (state, asked) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *asked = Some(Instant::now());
        state.as_ref().is_some_and(|now| report.is_stale(&now.system))
    }

    /// Whether an open page shows it.
    fn is_asked_for(&self) -> bool {
        let (_, asked) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_some_and(|when| when.elapsed() < OPEN)
    }

    fn set(&self, state: Option<CheckedState>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = state;
    }
}

/// Runs for ever. A system that cannot be read now, because it is being restarted for example, is read at the next look. During
/// a load test there are no looks: they would load the database too.
pub async fn check_on_change(site: &Site) {
    let (mut checked, mut retries) = (None, 0);
    loop {
        let watches = site.watches.load(Ordering::Relaxed);
        sleep(if watches { INTERVAL } else { 3 * INTERVAL }).await;
        if !watches {
            checked = None;
        }
        if !watches && !site.current_system.is_asked_for()
            || site.jobs.loading().is_some()
            || LiveFigures::of(&site.scenario).load().is_some()
        {
            continue;
        }
        let now = look(&site.scenario).await.ok();
        site.current_system.set(now.clone());
        if let Some(now) = now.filter(|_| site.watches.load(Ordering::Relaxed)) {
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

async fn look(scenario: &Scenario) -> anyhow::Result<CheckedState> {
    checked_state(&Session::open(scenario)?).await
}
