//! One service of ours: its process, and what to do when that ends.

use std::{
    path::PathBuf,
    process::{Child, ExitStatus},
    time::{Duration, SystemTime},
};

use anyhow::bail;
use rustix::process::Signal;
use tokio::time::Instant;

use super::{log, native};
use crate::{
    plan::{Kind, Service},
    process::{self, Identity},
    project::Scenario,
    state::{Phase, ServiceState},
};

/// A service is started again for this long after it first ended by itself; then only a change or `lab up` does it.
const RETRIES_FOR: Duration = Duration::from_secs(10);

/// Between two starts.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// A service and, most of the time, its process.
pub struct Running {
    /// What it is.
    pub service: Service,
    /// How far it is.
    pub phase: Phase,
    detail: String,
    child: Option<Child>,
    /// When the executable that runs was built.
    built: Option<SystemTime>,
    /// Since when it keeps ending by itself.
    failing_since: Option<Instant>,
    ready_since: Option<Instant>,
    retry_at: Option<Instant>,
    /// Where all that it prints goes.
    pub log: PathBuf,
}

impl Running {
    /// A service that is not started yet.
    pub fn new(scenario: &Scenario, service: Service) -> Self {
        let log = scenario.log(&service.name);
        Self {
            service,
            phase: Phase::Starting,
            detail: "waiting for its turn".to_owned(),
            child: None,
            built: None,
            failing_since: None,
            ready_since: None,
            retry_at: None,
            log,
        }
    }

    /// Whether it is among `wanted`, exactly as it runs.
    pub fn is_wanted(&self, wanted: &[Service]) -> bool {
        wanted.contains(&self.service) && !self.has_new_executable()
    }

    /// Whether its program was built again since it was started.
    pub fn has_new_executable(&self) -> bool {
        self.child.is_some() && self.built != self.executable_time()
    }

    /// When to start it again; `None` when it runs or was given up.
    pub fn retry_at(&self) -> Option<Instant> {
        self.retry_at
    }

    /// Gives it all its tries again.
    pub fn forgive(&mut self) {
        self.failing_since = None;
    }

    /// Notes how far it is.
    pub fn set(&mut self, phase: Phase, detail: impl Into<String>) {
        self.phase = phase;
        self.detail = detail.into();
    }

    /// Starts the process and waits until it answers. How it went is in the phase.
    pub async fn start(&mut self, scenario: &Scenario) {
        self.retry_at = None;
        self.built = self.executable_time();
        match self.start_and_wait(scenario).await {
            Ok(detail) => {
                self.ready_since = Some(Instant::now());
                self.set(Phase::Ready, detail);
            }
            // The process is there and does not answer: starting it again would not help.
            Err(error) if self.child.is_some() => self.set(Phase::Failed, format!("{error:#}")),
            Err(error) => self.crashed(format!("{error:#}")),
        }
    }

    async fn start_and_wait(&mut self, scenario: &Scenario) -> anyhow::Result<String> {
        // One that runs and never became ready.
        self.stop().await?;
        let ready = match &self.service.kind {
            Kind::Postgres(postgres) => {
                let superuser = scenario.password("superuser")?;
                let command = native::postgres::command(scenario, &self.service, postgres, &superuser)?;
                let child = self.child.insert(process::spawn(command, &self.log)?);
                native::postgres::ready(child, self.service.port, postgres, &superuser).await
            }
            Kind::Program(program) => {
                let child = self.child.insert(process::spawn(native::program::command(program), &self.log)?);
                native::program::ready(child, self.service.port).await
            }
        };
        // Somebody else may have answered in its place.
        match self.reap_quietly() {
            Some(status) => bail!(in_words(status)),
            None => ready,
        }
    }

    /// Notices when the process has ended by itself.
    pub fn reap(&mut self) {
        if let Some(status) = self.reap_quietly() {
            self.crashed(in_words(status));
        }
    }

    fn reap_quietly(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().ok()??;
        self.child = None;
        Some(status)
    }

    fn crashed(&mut self, reason: String) {
        let now = Instant::now();
        // Answering for a moment is not yet a recovery.
        if self.ready_since.take().is_some_and(|ready| now - ready > RETRIES_FOR) {
            self.failing_since = None;
        }
        let since = *self.failing_since.get_or_insert(now);
        let goes_on = now - since < RETRIES_FOR;
        self.retry_at = goes_on.then(|| now + RETRY_AFTER);
        let said = log::last_lines(&self.log, 5);
        let (phase, then) = if goes_on {
            (Phase::Crashed, "; starting it again")
        } else {
            (Phase::Failed, ", again and again")
        };
        let quote = if said.is_empty() { "" } else { ". It said:\n" };
        self.set(phase, format!("{reason}{then}{quote}{said}"));
    }

    /// Stops the process, if there is one, in the way it likes best.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn stop(&mut self) -> std::io::Result<()> {
        if let Some(child) = &mut self.child {
            let (signal, patience) = match self.service.kind {
                // INT sends clients away; TERM would wait for them.
                Kind::Postgres(_) => (Signal::INT, Duration::from_secs(9)),
                Kind::Program(_) => (Signal::TERM, Duration::from_secs(5)),
            };
            process::stop(child, signal, patience).await?;
            self.child = None;
        }
        self.phase = Phase::Starting;
        Ok(())
    }

    /// For everybody to read.
    pub fn state(&self) -> ServiceState {
        ServiceState {
            name: self.service.name.clone(),
            phase: self.phase,
            detail: self.detail.clone(),
            port: self.service.port,
            process: self.child.as_ref().and_then(|child| Identity::of(child.id())),
        }
    }

    fn executable_time(&self) -> Option<SystemTime> {
        self.service.program()?.executable.metadata().ok()?.modified().ok()
    }
}

fn in_words(status: ExitStatus) -> String {
    format!("it ended by itself ({status})")
}
