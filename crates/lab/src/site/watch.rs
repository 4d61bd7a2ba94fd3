//! Checks again whenever something changed, while the learner wants that: `lab watch`, in the page.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::time::sleep;

use super::{Site, goals};
use crate::{
    commands::{running, subject::Subject},
    lesson::Lesson,
};

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
            && let Ok(now) = subject(site).await
            && checked.as_ref() != Some(&now)
            && goals::start(site).is_ok()
        {
            checked = Some(now);
        }
    }
}

async fn subject(site: &Site) -> anyhow::Result<Subject> {
    let lesson = Lesson::read(&site.scenario)?;
    let (desired, _) = running(&site.scenario)?;
    Subject::now(&site.scenario, &lesson, &desired).await
}
