//! One service of ours: its process, and what to do when that ends.

use std::{
    path::PathBuf,
    pin::pin,
    process::ExitStatus,
    time::{Duration, SystemTime},
};

use anyhow::{Context, bail};
use compose::service_spec::{Kind, Service};
use process::child::{self, Exit};
use project::{
    Scenario,
    status::{Ended, Phase, ServiceStatus},
};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    time::Instant,
};

use crate::{
    docker,
    native_processes::{self, capped_process::Process},
    supervisor::{awaited, log, restarts::Restarts},
};

/// A service and, most of the time, its process.
pub struct Running {
    /// What it is.
    pub service: Service,
    /// How far it is.
    pub phase: Phase,
    detail: String,
    process: Option<Process>,
    /// When the executable that runs was built.
    built: Option<SystemTime>,
    /// What happens when it crashes.
    pub restarts: Restarts,
    ended: Option<Ended>,
    ready_after: Option<Duration>,
    /// Where all that it prints goes.
    pub log: PathBuf,
}

impl Running {
    /// A service that is not started yet.
    pub fn new(scenario: &Scenario, service: Service) -> Self {
        let log = scenario.log(&service.name);
        Self {
            phase: Phase::Starting,
            detail: awaited::before_start(&service),
            process: None,
            built: None,
            restarts: Restarts::default(),
            ended: None,
            ready_after: None,
            log,
            service,
        }
    }

    /// Whether it is among `wanted`, exactly as it runs.
    pub fn is_wanted(&self, wanted: &[Service]) -> bool {
        wanted.contains(&self.service) && !self.has_new_executable()
    }

    /// Whether its program was built again since it was started.
    pub fn has_new_executable(&self) -> bool {
        self.process.is_some() && self.built != self.executable_time()
    }

    /// Notes how far it is.
    pub fn set(&mut self, phase: Phase, detail: impl Into<String>) {
        self.phase = phase;
        self.detail = detail.into();
    }

    /// Starts the process unless it is ready, and waits until it answers. Each change of its status goes to `news`.
    pub async fn start_unless_ready(&mut self, scenario: &Scenario, news: &UnboundedSender<ServiceStatus>) {
        if self.phase == Phase::Ready {
            return;
        }
        self.ready_after = None;
        self.set(Phase::Starting, awaited::after_start(&self.service));
        let status = self.status();
        let tell = |status| news.send(status).unwrap_or_default();
        tell(status.clone());
        let (sender, mut details) = unbounded_channel();
        {
            let mut starting = pin!(self.start(scenario, sender));
            loop {
                tokio::select! {
                    () = &mut starting => break,
                    Some(detail) = details.recv() => tell(ServiceStatus { detail, ..status.clone() }),
                }
            }
        }
        tell(self.status());
    }

    /// Starts the process and waits until it answers; progress goes to `news`, the outcome to the phase.
    async fn start(&mut self, scenario: &Scenario, news: UnboundedSender<String>) {
        let started = Instant::now();
        self.restarts.starts();
        self.built = self.executable_time();
        match self.start_and_wait(scenario, news).await {
            Ok(detail) => {
                self.restarts.is_ready(Instant::now());
                (self.phase, self.detail, self.ready_after) = (Phase::Ready, detail, Some(started.elapsed()));
            }
            // The process is there and does not answer: starting it again would not help.
            Err(error) if self.process.is_some() => self.set(Phase::Failed, format!("{error:#}")),
            Err(error) => self.crashed(format!("{error:#}")),
        }
    }

    async fn start_and_wait(
        &mut self,
        scenario: &Scenario,
        news: UnboundedSender<String>,
    ) -> anyhow::Result<String> {
        // One that runs and never became ready.
        self.stop().await?;
        let command = match &self.service.container {
            Some(container) => docker::container_process::foreground(container, &self.service.name),
            None => native_processes::command(scenario, &self.service)?,
        };
        let process = Process::spawn(scenario, &self.service, command, &self.log)?;
        let child = &mut self.process.insert(process).child;
        let ready = native_processes::ready(scenario, &self.service, child, news).await;
        // Another program on its port may have answered.
        match self.reap_quietly() {
            Some(status) => bail!("{}", Exit::from(status)),
            None => ready,
        }
    }

    /// Whether it works at this moment: the end of a process is noticed a little later. Servers that
    /// are no program of ours are taken at their word.
    pub async fn answers(&mut self) -> bool {
        match (&mut self.process, &self.service.kind) {
            (Some(process), Kind::Program(_)) => {
                native_processes::program::ready(&mut process.child, self.service.port).await.is_ok()
            }
            (process, _) => process.is_some(),
        }
    }

    /// Has the nginx that runs here go over to `config`, and returns when it has.
    ///
    /// # Errors
    /// When it does not.
    pub async fn reload(&self, scenario: &Scenario, config: &str) -> anyhow::Result<()> {
        if let Some(container) = &self.service.container {
            return docker::container_process::reload(container, scenario, &self.service, config);
        }
        let master = self.process.as_ref().and_then(Process::identity).context("nginx does not run")?;
        native_processes::nginx::reload(scenario, &self.service.name, config, &master).await
    }

    /// Whether it can become `wanted` without a new process: an nginx that has another configuration, and nothing else.
    pub fn can_become(&self, wanted: &Service) -> bool {
        let is_nginx = self.service.nginx().is_some() && wanted.nginx().is_some();
        let but_for_that = Service { kind: wanted.kind.clone(), ..self.service.clone() };
        is_nginx && self.phase == Phase::Ready && but_for_that == *wanted
    }

    /// Becomes `wanted`, if it is not yet.
    ///
    /// # Errors
    /// When a process that stands in the way cannot be stopped.
    pub async fn become_wanted(&mut self, scenario: &Scenario, wanted: &Service) -> std::io::Result<()> {
        if let (true, Some(nginx)) = (self.service != *wanted, wanted.nginx())
            && let Err(error) = self.reload(scenario, &nginx.config).await
        {
            eprintln!("{error:#}; restarting it");
            self.stop().await?;
        }
        self.service = wanted.clone();
        Ok(())
    }

    /// Detects that the process has ended unexpectedly.
    pub fn reap(&mut self) {
        if let Some(status) = self.reap_quietly() {
            self.crashed(Exit::from(status).to_string());
        }
    }

    fn reap_quietly(&mut self) -> Option<ExitStatus> {
        let child = &mut self.process.as_mut()?.child;
        let status = child.try_wait().ok()??;
        if self.service.nginx().is_some() {
            // What a master that was killed leaves: workers, which hold its port.
            let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
        }
        self.process = None;
        self.ended = Some(Ended::now(status.into()));
        Some(status)
    }

    fn crashed(&mut self, reason: String) {
        let last_lines = log::last_lines(&self.log, 5);
        let (phase, then) = if self.restarts.crashed(Instant::now()) {
            (Phase::Crashed, "; restarting it")
        } else {
            (Phase::Failed, ", repeatedly; the lab stopped restarting it")
        };
        let quote = if last_lines.is_empty() { "" } else { ". Its last lines:\n" };
        self.set(phase, format!("{reason}{then}{quote}{last_lines}"));
    }

    /// Stops the process, if there is one, in the way it likes best.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn stop(&mut self) -> std::io::Result<()> {
        if let Some(Process { child, .. }) = &mut self.process {
            let (signal, patience) = native_processes::farewell(&self.service);
            child::stop(child, signal, patience).await?;
            self.process = None;
        }
        self.phase = Phase::Starting;
        Ok(())
    }

    /// As the status file holds it.
    pub fn status(&self) -> ServiceStatus {
        ServiceStatus {
            name: self.service.name.clone(),
            looks_on: self.service.looks_on(),
            phase: self.phase,
            detail: self.detail.clone(),
            port: self.service.port.map(|port| port.native),
            uncapped: match &self.service.container {
                Some(container) => self.service.cpu_cap.and_then(|_| container.uncapped()),
                None => self.process.as_ref().and_then(Process::uncapped),
            },
            process: self.process.as_ref().and_then(Process::identity),
            ended: self.ended,
            ready_after_ms: self.ready_after.map(|time| time.as_millis() as u64),
        }
    }

    fn executable_time(&self) -> Option<SystemTime> {
        self.service.executable()?.metadata().ok()?.modified().ok()
    }
}
