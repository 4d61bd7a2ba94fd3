//! `lab status`: what runs, where, and what is in the database.

use std::fmt::{self, Display, Formatter};

use compose::service_spec::{Engine, Kind};
use lesson::Variant;
use observe::health_check;
use project::{
    Scenario, Session,
    spec_file::Spec,
    status::{Build, Phase, ServiceStatus, Status},
    warnings::{self, Warning},
};
use serde::Serialize;

use super::database_row::DatabaseRow;

/// The status of a scenario.
#[derive(Debug, Serialize)]
pub struct StatusReport {
    /// Its number.
    pub scenario: u8,
    /// What the lesson is called.
    pub title: Option<String>,
    /// How it runs.
    pub engine: Engine,
    /// Which program.
    pub variant: Variant,
    /// In the order in which they were started.
    pub services: Vec<ServiceRow>,
    /// The program against its source.
    pub build: Build,
    /// What is in the database.
    pub database: DatabaseRow,
    /// What the compiler warns of in the programs that run.
    pub warnings: Vec<Warning>,
    /// The other scenarios of this checkout that run.
    pub others: Vec<OtherScenario>,
    /// What to do now.
    pub next: Option<String>,
}

/// One service.
#[derive(Debug, Serialize)]
pub struct ServiceRow {
    name: String,
    state: Phase,
    detail: String,
    /// Whether it answers now; `false` for a process that runs and hangs.
    answers: bool,
    url: Option<String>,
    /// For the lab's page: the address that opens it in a browser. It contains the token, so it is a secret.
    login_url: Option<String>,
    pid: Option<u32>,
    /// The addresses in its environment on which nothing listens, each as a sentence.
    unreachable: Vec<String>,
    /// What built it, or which version it is.
    built_by: String,
    /// Why it runs without the CPU cap that it should have.
    uncapped: Option<String>,
}

/// Another scenario that runs.
#[derive(Debug, Serialize)]
pub struct OtherScenario {
    /// Its number.
    pub scenario: u8,
    title: Option<String>,
}

/// Looks at `scenario`, which must be up.
///
/// # Errors
/// When it is not.
pub async fn run(scenario: &Scenario) -> anyhow::Result<StatusReport> {
    let session = Session::open(scenario)?;
    let database = DatabaseRow::of(&session).await;
    Ok(StatusReport {
        scenario: scenario.number,
        title: Some(session.lesson.title),
        engine: session.spec.engine,
        database,
        warnings: warnings::read(scenario),
        others: others(scenario)?,
        services: services(scenario, &session.spec, &session.status).await?,
        variant: session.status.variant,
        build: session.status.build,
        next: None,
    })
}

async fn services(scenario: &Scenario, spec: &Spec, status: &Status) -> anyhow::Result<Vec<ServiceRow>> {
    let answers = health_check::answers(&spec.services).await;
    let mut unreachable = health_check::unreachable(&spec.services).await;
    let page = spec.page().map(|page| &page.name);
    let service = |service: &ServiceStatus| {
        let (scheme, built_by) = described(spec, &service.name);
        let page_port = service.port.filter(|_| page == Some(&service.name));
        Ok(ServiceRow {
            name: service.name.clone(),
            state: service.phase,
            detail: service.detail.clone(),
            answers: answers.get(&service.name).is_none_or(|answers| *answers),
            url: service.port.map(|port| format!("{scheme}://127.0.0.1:{port}")),
            login_url: page_port.map(|port| scenario.page_url(port)).transpose()?,
            pid: service.process.as_ref().map(|process| process.pid),
            unreachable: unreachable.remove(&service.name).unwrap_or_default(),
            built_by,
            uncapped: service.uncapped.clone(),
        })
    };
    status.services.iter().map(service).collect()
}

/// How a service is spoken to, and what made it.
fn described(spec: &Spec, name: &str) -> (&'static str, String) {
    let Ok(service) = spec.service(name) else { return Default::default() };
    let container = service.container.as_ref();
    let image = container.and_then(|container| container.image.as_deref());
    let server = |name: &str| {
        image.map_or_else(|| format!("{name} of this machine"), |image| format!("image {image}"))
    };
    let (scheme, made) = match &service.kind {
        Kind::Postgres(_) => ("postgres", server("PostgreSQL")),
        Kind::Redis(_) => ("redis", server("Redis")),
        Kind::Nginx(_) => ("http", server("nginx")),
        Kind::Prometheus(_) => ("http", server("Prometheus")),
        Kind::Page(_) => ("http", "the lab's page".to_owned()),
        Kind::Program(program) => {
            let builder = if container.is_some() { "Docker" } else { "cargo" };
            let profile = if program.build.release { "release" } else { "dev" };
            ("http", format!("{builder}, {profile} profile, {}", program.build.bin))
        }
    };
    let capped = service.cpu_cap.map_or_else(String::new, |cap| format!(", at most {cap}"));
    let hidden = service.port.is_some_and(|port| !project::container::publishes(port.native));
    (scheme, made + &capped + if hidden { ", inside the lab's container only" } else { "" })
}

fn others(scenario: &Scenario) -> anyhow::Result<Vec<OtherScenario>> {
    let mut running = Vec::new();
    for other in scenario.others() {
        if other.is_up()? {
            // Its lesson may be unreadable; that matters to this scenario least.
            let title = other.lesson().ok().map(|lesson| lesson.title);
            running.push(OtherScenario { scenario: other.number, title });
        }
    }
    Ok(running)
}

impl Display for StatusReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let variant = self.variant.in_words();
        let title = self.title.as_deref().unwrap_or_default();
        writeln!(f, "Scenario {}: {title} ({variant}, {})\n", self.scenario, self.engine)?;
        let width = self.services.iter().map(|service| service.name.len()).max().unwrap_or_default();
        for service in &self.services {
            let hangs = service.state == Phase::Ready && !service.answers;
            let state =
                if hangs { "hangs".to_owned() } else { format!("{:?}", service.state).to_lowercase() };
            let url = service.login_url.as_ref().or(service.url.as_ref()).map_or("-", String::as_str);
            writeln!(f, "  {:<width$} {url:<28} {state:<9} {}", service.name, service.built_by)?;
            if hangs {
                writeln!(f, "         its process runs, but does not answer within a second")?;
            } else if service.state != Phase::Ready {
                writeln!(f, "         {}", service.detail)?;
            }
            for sentence in &service.unreachable {
                writeln!(f, "         {sentence}")?;
            }
            if let Some(why) = &service.uncapped {
                writeln!(f, "         without its CPU cap: {why}")?;
            }
        }
        match &self.database.error {
            None => write!(f, "\n  rows   {}", self.database.counts())?,
            Some(error) => write!(f, "\n  rows   not counted: {error}")?,
        }
        for transaction in &self.database.old_transactions {
            write!(f, "\n  open   {transaction}")?;
        }
        match &self.build {
            Build::Current => {}
            Build::Running => write!(f, "\n\nYour last change is being compiled.")?,
            Build::Failed { message } => {
                write!(
                    f,
                    "\n\nYour last change does not compile; the previous program keeps running.\n{message}"
                )?;
            }
        }
        if let Some(sentence) = warnings::in_words(&self.warnings) {
            write!(f, "\n\n{sentence}: cargo lab logs {}", warnings::LOG)?;
        }
        for (index, OtherScenario { scenario, title }) in self.others.iter().enumerate() {
            let gap = if index == 0 { "\n" } else { "" };
            let title = title.as_ref().map(|title| format!(" ({title})")).unwrap_or_default();
            write!(
                f,
                "{gap}\nScenario {scenario}{title} runs, too. See it with: cargo lab status {scenario}"
            )?;
        }
        self.next.as_ref().map_or(Ok(()), |next| write!(f, "\n\nNext: {next}"))
    }
}
