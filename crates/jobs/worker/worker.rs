//! A worker's loop: claim, work, report.

use std::time::Duration;

use tokio::{
    pin, select, spawn,
    task::JoinHandle,
    time::{Instant, interval_at, sleep},
};

use crate::{
    client::{Claim, Jobs, News},
    config::Config,
};

/// How long to wait after the first attempt in vain. Doubled with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A worker, and the job it holds.
pub struct Worker {
    config: Config,
    jobs: Jobs,
    /// A claim that is under way.
    claiming: Option<JoinHandle<anyhow::Result<Option<Claim>>>>,
    held: Option<Held>,
}

/// A job on lease.
struct Held {
    claim: Claim,
    /// What to report when it ends.
    outcome: News,
}

impl Held {
    fn new(claim: Claim) -> Self {
        Self { claim, outcome: News::Failed("its worker was stopped") }
    }
}

impl Worker {
    /// A worker that holds nothing yet.
    pub fn new(config: Config, jobs: Jobs) -> Self {
        Self { config, jobs, claiming: None, held: None }
    }

    /// One job after another, without end. When it is dropped, the job that it holds, or is
    /// claiming, is left to [`give_back`](Self::give_back).
    pub async fn work(&mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            // On a task of its own, which goes on when this is dropped: its answer may be a job.
            let jobs = self.jobs.clone();
            let claiming = self.claiming.insert(spawn(async move { jobs.claim().await }));
            let claimed = claiming.await;
            self.claiming = None;
            match claimed.map_err(anyhow::Error::from).and_then(|result| result) {
                Ok(Some(claim)) => {
                    let held = self.held.insert(Held::new(claim));
                    let started = Instant::now();
                    let status = work_on(held, &self.jobs, &self.config).await;
                    let claim = &held.claim;
                    tracing::info!(
                        worker = self.config.worker,
                        job = claim.id,
                        r#type = claim.kind,
                        attempt = claim.attempt,
                        status,
                        duration_ms = started.elapsed().as_millis() as u64,
                        "job"
                    );
                    self.held = None;
                    pause = FIRST_PAUSE;
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(worker = self.config.worker, "no job: {error:#}"),
            }
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    /// Gives an unfinished job back, or reports how it ended when that could not be reported yet.
    ///
    /// An unfinished job is reported as a failure. That costs the job an attempt, as a crash would; but it is tried again after a few
    /// seconds, and not after the rest of the lease.
    pub async fn give_back(&mut self) {
        if let Some(claiming) = self.claiming.take()
            && let Ok(Ok(Some(claim))) = claiming.await
        {
            self.held = Some(Held::new(claim));
        }
        let Some(Held { claim, outcome }) = self.held.take() else { return };
        let status = match self.jobs.report(&claim, outcome).await {
            Ok(true) => "reported",
            Ok(false) => "lost",
            Err(_) => "left to its lease",
        };
        tracing::info!(worker = self.config.worker, job = claim.id, status, "job");
    }
}

/// Works on a job and extends its lease from time to time; returns how it ended.
async fn work_on(held: &mut Held, jobs: &Jobs, config: &Config) -> &'static str {
    let claim = &held.claim;
    let working = sleep(config.work);
    pin!(working);
    let mut heartbeats = interval_at(Instant::now() + config.heartbeat, config.heartbeat);
    loop {
        select! {
            () = &mut working => break,
            _ = heartbeats.tick() => match jobs.report(claim, News::Working).await {
                Ok(true) => {}
                Ok(false) => return "lost",
                // The lease is longer than a heartbeat: the next one may be heard in time.
                Err(error) => tracing::warn!(job = claim.id, "not extended: {error:#}"),
            },
        }
    }
    let (news, status) = if goes_wrong(claim) {
        (News::Failed("it went wrong, as every tenth job does at first"), "failed")
    } else {
        (News::Finished, "done")
    };
    held.outcome = news;
    // Until the service has heard it: a job that is not reported is done twice.
    let mut pause = FIRST_PAUSE;
    loop {
        match jobs.report(claim, news).await {
            Ok(true) => return status,
            Ok(false) => return "lost",
            Err(error) => tracing::warn!(job = claim.id, "not reported: {error:#}"),
        }
        sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// Some do, so that there are retries and dead jobs to be seen: of each hundred eight once, and two each time.
fn goes_wrong(claim: &Claim) -> bool {
    claim.id % 50 == 0 || (claim.id % 10 == 0 && claim.attempt == 1)
}
