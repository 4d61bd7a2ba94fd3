//! One scenario as it runs now.

use anyhow::{Context, bail};
use compose::service_spec::{Postgres, Service};
use lesson::{Goals, Lesson, WrongFixes};
use tokio_postgres::Client;

use crate::{Scenario, database, spec_file::Spec, status::Status};

/// One scenario as it runs now: lesson, spec and status. A command reads it once and passes
/// it on.
#[derive(Debug)]
pub struct Session {
    /// Which one.
    pub scenario: Scenario,
    /// The lesson.
    pub lesson: Lesson,
    /// What shall run.
    pub spec: Spec,
    /// What runs.
    pub status: Status,
}

impl Session {
    /// The session of `scenario`, which must run.
    ///
    /// # Errors
    /// When it does not run (the message says how to start it), or its lesson cannot be read.
    pub fn open(scenario: &Scenario) -> anyhow::Result<Self> {
        let (spec, status) = running(scenario)?;
        Ok(Self { scenario: scenario.clone(), lesson: scenario.lesson()?, spec, status })
    }

    /// The same scenario as it runs by now.
    ///
    /// # Errors
    /// Those of [`Session::open`].
    pub fn reopen(&self) -> anyhow::Result<Self> {
        Self::open(&self.scenario)
    }

    /// Why this session is over, in words; `None` while its supervisor lives.
    pub fn why_ended(&self) -> Option<String> {
        let supervisor = &self.status.supervisor;
        if supervisor.is_alive() {
            return None;
        }
        // One that stops in order stops its services first, and publishes that.
        let last = Status::read(&self.scenario).filter(|last| last.supervisor == *supervisor);
        Some(if last.is_some_and(|last| !last.services.is_empty()) {
            format!("the lab's supervisor (process {}) was killed or crashed", supervisor.pid)
        } else {
            format!("scenario {} was stopped", self.scenario.number)
        })
    }

    /// What a load test loads: the load balancer, once the compose file has one, else the lesson's service.
    ///
    /// # Errors
    /// When the lesson names a service that the compose file does not have.
    pub fn target(&self) -> anyhow::Result<&Service> {
        self.spec.target(&self.lesson.load)
    }

    /// The lesson's PostgreSQL and its port.
    ///
    /// # Errors
    /// When the compose file has no service of that name.
    pub fn postgres(&self) -> anyhow::Result<(&Postgres, u16)> {
        self.spec.postgres(&self.lesson.database.service)
    }

    /// A connection to the lesson's database like the service's: refused when PostgreSQL has none left for the service.
    ///
    /// # Errors
    /// PostgreSQL's error.
    pub async fn connect(&self) -> anyhow::Result<Client> {
        let (postgres, port) = self.postgres()?;
        database::connect(port, &postgres.user, &postgres.password, &postgres.database).await
    }

    /// The same as the superuser, for whom PostgreSQL reserves connections.
    ///
    /// # Errors
    /// PostgreSQL's error.
    pub async fn connect_as_superuser(&self) -> anyhow::Result<Client> {
        let (postgres, port) = self.postgres()?;
        database::connect(port, "postgres", &self.superuser_password()?, &postgres.database).await
    }

    /// The password of PostgreSQL's superuser.
    ///
    /// # Errors
    /// When it can neither be read nor made.
    pub fn superuser_password(&self) -> anyhow::Result<String> {
        self.scenario.password("superuser")
    }
}

impl Scenario {
    /// Its lesson.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub fn lesson(&self) -> anyhow::Result<Lesson> {
        Lesson::read(&self.docs())
    }

    /// The goals of its lesson.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub fn goals(&self) -> anyhow::Result<Goals> {
        Goals::read(&self.docs())
    }

    /// The wrong fixes of its lesson.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub fn wrong_fixes(&self) -> anyhow::Result<WrongFixes> {
        WrongFixes::read(&self.docs())
    }
}

/// What shall run and what runs, of a scenario that is up.
///
/// # Errors
/// When it is not; the message says how to start it.
pub fn running(scenario: &Scenario) -> anyhow::Result<(Spec, Status)> {
    let number = scenario.number;
    if !scenario.is_up()? {
        bail!("scenario {number} is not running; start it with: make scenario-{number}");
    }
    let restart = format!("run `make down`, then `make scenario-{number}`");
    let status = Status::read(scenario).with_context(|| {
        format!("scenario {number} is still starting; try again in a second. If it stays so, {restart}")
    })?;
    status.expect_supervisor()?;
    let spec = Spec::read(scenario)
        .with_context(|| format!("spec.json of scenario {number} is missing; {restart}"))?;
    Ok((spec, status))
}
