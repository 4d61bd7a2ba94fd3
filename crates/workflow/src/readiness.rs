//! Whether what runs is what the learner has saved, and serves.

use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

use compose::service_spec::Kind;
use project::{
    Scenario, fingerprint, running,
    status::{Build, Phase, ServiceStatus},
};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(120);

/// Why there is nothing to measure.
#[derive(Debug)]
pub enum Obstacle {
    /// The compiler's words.
    DoesNotCompile(String),
    /// A service, and its last message.
    DoesNotServe {
        /// As in the compose file.
        service: String,
        /// Its words.
        detail: String,
        /// Whether it is made of files that the learner edits.
        is_edited: bool,
    },
    /// A file differs from what runs.
    IsNotStarted {
        /// From the checkout's top.
        file: String,
        /// The command that applies it.
        next: String,
    },
}

/// Waits until everything answers, and the programs are those that were saved last.
///
/// # Errors
/// When the scenario is not up.
pub async fn ready(scenario: &Scenario) -> anyhow::Result<Result<(), Obstacle>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (spec, state) = running(scenario)?;
        if let Some(file) = fingerprint::changed(&spec.read_files) {
            let file = file.strip_prefix(&scenario.root).unwrap_or(file).display().to_string();
            return Ok(Err(Obstacle::IsNotStarted {
                file,
                next: format!("make scenario-{}", scenario.number),
            }));
        }
        if let Build::Failed { message } = state.build {
            return Ok(Err(Obstacle::DoesNotCompile(message)));
        }
        let is_late = Instant::now() > deadline;
        let waits_for = state.needed().find(|service| service.phase != Phase::Ready);
        match waits_for {
            None if state.build == Build::Current => return Ok(Ok(())),
            None if is_late => {
                return Ok(Err(Obstacle::DoesNotCompile("it has been compiling for 2 minutes".into())));
            }
            Some(ServiceStatus { name, phase, detail, .. }) if is_late || *phase == Phase::Failed => {
                let is_edited = spec
                    .service(name)
                    .is_ok_and(|service| matches!(service.kind, Kind::Program(_) | Kind::Nginx(_)));
                let (service, detail) = (name.clone(), detail.clone());
                return Ok(Err(Obstacle::DoesNotServe { service, detail, is_edited }));
            }
            _ => sleep(Duration::from_millis(50)).await,
        }
    }
}

impl Display for Obstacle {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::DoesNotCompile(message) => {
                write!(
                    f,
                    "your last change does not compile, so this would measure the previous program:\n{message}"
                )
            }
            Self::DoesNotServe { service, detail, .. } => write!(f, "{service} is not ready: {detail}"),
            Self::IsNotStarted { file, next } => {
                write!(f, "{file} has changed since the lab read it; apply the change with: {next}")
            }
        }
    }
}
