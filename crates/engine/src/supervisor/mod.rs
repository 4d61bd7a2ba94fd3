//! The background process that owns everything a scenario runs.
//!
//! It reads the spec (`spec.json`) at each signal and reconciles: it starts new services, restarts changed ones and removes
//! those that are gone. It writes the status to `status.json`. Both files describe the whole state and no single step, so
//! nothing depends on how it came about.
//!
//! It is the parent of all processes. When it ends, however it ends, the kernel ends them (`PR_SET_PDEATHSIG`);
//! that counts the *thread* that started them, so everything here happens on the main thread.

use std::{fs::File, future::pending, mem, pin::pin, time::Duration};

use anyhow::{Context, bail};
use futures_util::future::join_all;
use process::Identity;
use project::{
    Scenario,
    events::Events,
    status::{Build, ServiceStatus, Status},
};
use rustix::process::Signal;
use tokio::{
    signal::unix::{Signal as SignalStream, SignalKind, signal},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{Instant, interval, sleep, sleep_until},
};

use crate::docker;

mod reconcile;
mod awaited;
pub mod leftovers;
mod log;
mod rebuild;
mod restarts;
mod running;
mod stop;
mod scrape_targets;
pub mod terminal;
mod watch;

use crate::supervisor::{rebuild::Rebuild, running::Running, stop::Stop};

/// Asks the supervisor to read `spec.json` again.
pub const RECONCILE: Signal = Signal::USR1;

/// Runs `scenario` until it gets a stop signal (TERM, INT, HUP), or until the terminal that started it closes.
/// `had_terminal` says whether the program that started us had one.
///
/// # Errors
/// When another supervisor runs it already, or the first spec cannot be read.
pub async fn run(scenario: Scenario, had_terminal: bool) -> anyhow::Result<()> {
    // Never unlocked here: the kernel releases the lock when this process ends. `lab down` waits for the lock, so when it
    // returns, this process is gone.
    mem::forget(lock(&scenario).await?);
    let mut stop = Stop::listen(had_terminal)?;
    leftovers::end(&scenario).await;
    let mut supervisor = Supervisor::new(scenario)?;
    // A stop signal cancels its current work.
    let result = tokio::select! {
        () = stop.requested() => Ok(()),
        result = supervisor.work() => result,
    };
    supervisor.stop_all().await.and(result)
}

/// A command that asks whether a scenario is up holds its lock for an instant, so one failed attempt proves nothing.
async fn lock(scenario: &Scenario) -> anyhow::Result<File> {
    for _ in 0..50 {
        if let Some(lock) = scenario.try_lock()? {
            return Ok(lock);
        }
        sleep(Duration::from_millis(20)).await;
    }
    bail!("scenario {} is running already ({})", scenario.number, scenario.lock_holder())
}

struct Supervisor {
    scenario: Scenario,
    watch: bool,
    services: Vec<Running>,
    rebuild: Option<Rebuild>,
    status: Status,
    events: Events,
    reconcile: SignalStream,
    child_ended: SignalStream,
    sources_changed: UnboundedReceiver<()>,
    _watcher: Box<dyn notify::Watcher>,
}

impl Supervisor {
    fn new(scenario: Scenario) -> anyhow::Result<Self> {
        let (watcher, sources_changed) = watch::sources(&scenario)?;
        let supervisor = Identity::of(std::process::id()).context("/proc is not mounted")?;
        Ok(Self {
            watch: false,
            services: Vec::new(),
            rebuild: None,
            status: Status::new(supervisor, Default::default()),
            events: Events::read(&scenario),
            reconcile: signal(SignalKind::user_defined1())?,
            child_ended: signal(SignalKind::child())?,
            sources_changed,
            _watcher: watcher,
            scenario,
        })
    }

    async fn work(&mut self) -> anyhow::Result<()> {
        self.reconcile_or_report().await;
        let mut minute = interval(Duration::from_secs(60));
        loop {
            let retry = self.services.iter().filter_map(|service| service.restarts.due()).min();
            tokio::select! {
                _ = self.reconcile.recv() => self.reconcile_or_report().await,
                _ = self.child_ended.recv() => self.reap().await?,
                Some(()) = self.sources_changed.recv(), if self.watch => self.sources_changed().await,
                () = at(retry) => self.restart_crashed().await,
                _ = minute.tick() => self.services.iter().for_each(|running| log::trim(&running.log)),
            }
        }
    }

    /// Starts a service that does not run, and waits until it answers.
    async fn start(&mut self, position: usize) {
        let (sender, news) = unbounded_channel();
        let start = self.services[position].start_unless_ready(&self.scenario, &sender);
        publish_during(start, news, &mut self.status, &self.scenario).await;
        self.publish();
    }

    /// Some child ended: the compiler, or a service that should not have.
    async fn reap(&mut self) -> anyhow::Result<()> {
        for service in &mut self.services {
            service.reap();
        }
        if let Some(built) = self.rebuild.as_mut().and_then(Rebuild::finished) {
            self.rebuild = None;
            if built == Build::Current {
                self.restart_changed().await?;
            }
            self.status.build = built;
        }
        self.publish();
        Ok(())
    }

    async fn restart_crashed(&mut self) {
        let now = Instant::now();
        let (sender, news) = unbounded_channel();
        let due =
            self.services.iter_mut().filter(|service| service.restarts.due().is_some_and(|due| due <= now));
        let starts = due.map(|service| service.start_unless_ready(&self.scenario, &sender));
        publish_during(join_all(starts), news, &mut self.status, &self.scenario).await;
        self.publish();
    }

    /// A source file was saved: builds what runs, once the editor is done with its burst of changes.
    async fn sources_changed(&mut self) {
        sleep(Duration::from_millis(50)).await;
        while self.sources_changed.try_recv().is_ok() {}
        let programs = self.services.iter().map(|running| &running.service);
        let programs: Vec<_> = programs.filter(|service| service.program().is_some()).cloned().collect();
        // A running build reads files that are gone; dropping it stops it.
        self.rebuild = None;
        self.status.build = match Rebuild::start(&self.scenario, &programs) {
            Ok(rebuild) => {
                self.rebuild = Some(rebuild);
                Build::Running
            }
            Err(error) => Build::Failed { message: format!("{error:#}") },
        };
        self.publish();
    }

    async fn restart_changed(&mut self) -> anyhow::Result<()> {
        for position in 0..self.services.len() {
            if self.services[position].has_new_executable() {
                self.services[position].stop().await?;
                self.services[position].restarts.forgive();
                self.start(position).await;
            }
        }
        Ok(())
    }

    async fn stop_all(mut self) -> anyhow::Result<()> {
        self.rebuild = None;
        scrape_targets::withdraw(&self.scenario);
        while let Some(service) = self.services.last_mut() {
            service.stop().await?;
            self.services.pop();
        }
        docker::clean_up(&self.scenario);
        self.publish();
        Ok(())
    }

    /// Publishes the status. When the disk is full the write fails, and everything keeps running.
    fn publish(&mut self) {
        self.status.services = self.services.iter().map(Running::status).collect();
        if self.events.note(&self.status.services)
            && let Err(error) = self.events.write(&self.scenario)
        {
            eprintln!("{error:#}");
        }
        show(&self.status, &self.scenario);
    }
}

/// Does `work`, and publishes each status that it sends meanwhile.
async fn publish_during<T>(
    work: impl Future<Output = T>,
    mut news: UnboundedReceiver<ServiceStatus>,
    status: &mut Status,
    scenario: &Scenario,
) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return result,
            Some(new) = news.recv() => {
                if let Some(old) = status.services.iter_mut().find(|old| old.name == new.name) {
                    *old = new;
                }
                show(status, scenario);
            }
        }
    }
}

fn show(status: &Status, scenario: &Scenario) {
    if let Err(error) = status.write(scenario) {
        eprintln!("{error:#}");
    }
}

/// Waits until `when`; forever when there is nothing to wait for.
async fn at(when: Option<Instant>) {
    match when {
        Some(when) => sleep_until(when).await,
        None => pending().await,
    }
}
