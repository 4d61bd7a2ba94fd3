//! Makes the supervisor reconcile a spec, starts the supervisor if necessary, and waits until every service is ready.

use std::{
    env,
    fs::{self, File},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use process::{Identity, child};
use project::{
    Scenario,
    status::{Phase, ServiceStatus, Status},
};
use rustix::process::Signal;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};

use crate::{
    down,
    supervisor::{RECONCILE, terminal},
};

/// How long a supervisor that we start shall live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Until it is stopped, or its terminal closes.
    Detached,
    /// No longer than this process.
    Attached,
}

/// Makes the supervisor reconcile `spec.json`, and returns when every service answers.
///
/// # Errors
/// When a service does not start (with its last lines), or on Ctrl-C: then everything is stopped again, unless it ran
/// before.
pub async fn start_and_wait(scenario: &Scenario, generation: u64, life: Life) -> anyhow::Result<()> {
    if scenario.is_up()? {
        let before = Status::read(scenario);
        if let Some(status) = &before {
            status.supervisor.signal(RECONCILE);
        }
        if answered(scenario, generation, None, before.as_ref().map(news).unwrap_or_default()).await? {
            return Ok(());
        }
        // It was being stopped just then.
    }
    // Before the supervisor starts: a Ctrl-C between the two would end this program and leave the supervisor.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut supervisor = start_supervisor(scenario, life)?;
    let answer = tokio::select! {
        answer = answered(scenario, generation, Some(&mut supervisor), Vec::new()) => Some(answer),
        _ = interrupt.recv() => None,
    };
    match answer {
        Some(Ok(true)) => Ok(()),
        Some(Ok(false)) => {
            let log = fs::read_to_string(scenario.log("supervisor")).unwrap_or_default();
            bail!("the supervisor ended unexpectedly: {}", log.trim())
        }
        Some(Err(error)) => Err(error),
        None => {
            child::stop(&mut supervisor, Signal::TERM, down::PATIENCE).await?;
            bail!("Stopped. Partial work was removed.")
        }
    }
}

/// Starts `lab supervise` in the background, out of the reach of this terminal's Ctrl-C.
fn start_supervisor(scenario: &Scenario, life: Life) -> anyhow::Result<Child> {
    let log = scenario.log("supervisor");
    let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let lab = env::current_exe().context("cannot find the lab's own program")?;
    let mut command = match life {
        Life::Detached => Command::new(lab),
        Life::Attached => pgcluster::dies_with_parent(&lab, "TERM", None),
    };
    // What this program has inherited, it alone: `flock FILE make scenario-1` would hold the lock until `make down`, and a
    // script that reads our output to its end would wait as long.
    close_fds::set_fds_cloexec(3, &[]);
    command
        .args(["supervise", &scenario.number.to_string()])
        .args(terminal::is_there().then_some("--in-terminal"))
        .current_dir(&scenario.root)
        .env("LAB_DIR", &scenario.lab_dir)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .context("cannot start the supervisor")
}

/// Waits until the supervisor has reconciled spec `generation` (or a later one), and prints its progress to standard
/// error, but for what is `printed` already, or old. `false` when it ended before; it is `ours` when we have just started it.
async fn answered(
    scenario: &Scenario,
    generation: u64,
    mut ours: Option<&mut Child>,
    mut printed: Vec<News>,
) -> anyhow::Result<bool> {
    let who = ours.as_ref().map(|child| child.id());
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(300) {
        let ended = match &mut ours {
            Some(child) => child.try_wait()?.is_some(),
            None => !scenario.is_up()?,
        };
        if ended {
            return Ok(false);
        }
        // The status may be that of an earlier supervisor.
        let is_fresh = |status: &Status| {
            status.supervisor.is_alive() && who.is_none_or(|pid| pid == status.supervisor.pid)
        };
        if let Some(status) = Status::read(scenario).filter(is_fresh) {
            status.expect_supervisor()?;
            for news in news(&status) {
                if !printed.contains(&news) {
                    eprintln!("{}", news.line);
                    printed.push(news);
                }
            }
            // A crashed service is being restarted, and may recover.
            let in_motion =
                status.needed().any(|service| matches!(service.phase, Phase::Crashed | Phase::Starting));
            if status.settled >= generation && !in_motion {
                return failure(&status);
            }
        }
        sleep(Duration::from_millis(20)).await;
    }
    bail!("not ready after 5 minutes; see: make logs")
}

/// How far a service is.
#[derive(PartialEq)]
struct News {
    line: String,
    /// The process that is ready: another one is news, even if its start took as long.
    ready: Option<Identity>,
}

/// What each service waits for, and how long a ready one has waited.
fn news(status: &Status) -> Vec<News> {
    let of = |service: &ServiceStatus| {
        let ServiceStatus { name, phase, detail, process, ready_after_ms, .. } = service;
        match (phase, ready_after_ms) {
            (Phase::Ready, Some(ms)) => {
                let line = format!("{name}: ready after {:.2} s", *ms as f64 / 1_000.0);
                News { line, ready: process.clone() }
            }
            (Phase::Ready, None) => News { line: format!("{name}: ready"), ready: process.clone() },
            _ => News { line: format!("{name}: {detail}"), ready: None },
        }
    };
    status.services.iter().map(of).collect()
}

fn failure(status: &Status) -> anyhow::Result<bool> {
    if let Some(trouble) = &status.trouble {
        bail!("{trouble}");
    }
    match status.needed().find(|service| service.phase != Phase::Ready) {
        Some(service) => bail!("{} did not start: {}", service.name, service.detail),
        None => Ok(true),
    }
}
