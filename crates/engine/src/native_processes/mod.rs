//! How each kind of service runs without Docker: what starts it, when it is ready, how it likes to be stopped.

use std::{
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use compose::service_spec::{Kind, Service};
use loadgen::{Endpoint, Response, fetch};
use process::child::Exit;
use project::Scenario;
use rustix::process::Signal;
use tokio::{sync::mpsc::UnboundedSender, task::spawn_blocking, time::sleep};

pub mod nginx;
mod page;
pub mod server_dir;
mod postgres;
pub mod capped_process;
pub mod program;
pub mod prometheus;
pub mod redis;

/// The command that starts `service` in the foreground.
///
/// # Errors
/// When its server is missing, or its files cannot be written.
pub fn command(scenario: &Scenario, service: &Service) -> anyhow::Result<Command> {
    let Service { name, port, kind, .. } = service;
    match kind {
        Kind::Postgres(postgres) => {
            let port = port.context("PostgreSQL needs a port")?.native;
            postgres::command(scenario, name, port, postgres, &scenario.password("superuser")?)
        }
        Kind::Redis(redis) => {
            redis::command(scenario, name, port.context("Redis needs a port")?.native, redis)
        }
        Kind::Nginx(nginx) => nginx::command(scenario, name, nginx),
        Kind::Program(program) => Ok(program::command(program)),
        Kind::Prometheus(prometheus) => {
            let port = port.context("Prometheus needs a port")?.native;
            prometheus::command(scenario, name, port, prometheus)
        }
        Kind::Page(page) => Ok(page::command(scenario, page)),
    }
}

/// Waits until `service` is ready, and returns the detail for its status; progress goes to `news`.
///
/// # Errors
/// When it ends, or takes too long.
pub async fn ready(
    scenario: &Scenario,
    service: &Service,
    child: &mut Child,
    news: UnboundedSender<String>,
) -> anyhow::Result<String> {
    match (&service.kind, service.port) {
        (Kind::Postgres(postgres), Some(port)) => {
            postgres::ready(child, port.native, postgres, &scenario.password("superuser")?, news).await
        }
        (Kind::Redis(redis), Some(port)) => redis::ready(child, port.native, &redis.password).await,
        (Kind::Nginx(_), Some(port)) => nginx::ready(child, port.native).await,
        (Kind::Program(_), port) => program::ready(child, port).await,
        (Kind::Prometheus(_), Some(port)) => prometheus::ready(child, port.native).await,
        (Kind::Page(_), Some(port)) => page::ready(child, port.native).await,
        (_, None) => bail!("it needs a port"),
    }
}

/// The signal to stop with, and how long that may take before it is killed.
pub fn farewell(service: &Service) -> (Signal, Duration) {
    match &service.kind {
        // Docker gives the container 10 s.
        _ if service.container.is_some() => (Signal::TERM, Duration::from_secs(13)),
        // INT disconnects clients; TERM would wait for them.
        Kind::Postgres(_) => (Signal::INT, Duration::from_secs(9)),
        // QUIT would wait for clients that keep their connections.
        Kind::Nginx(_) | Kind::Redis(_) | Kind::Page(_) => (Signal::TERM, Duration::from_secs(2)),
        // Longer than it drains, and lets a request take.
        Kind::Program(_) => (Signal::TERM, Duration::from_secs(9)),
        // It writes down what it has.
        Kind::Prometheus(_) => (Signal::TERM, Duration::from_secs(5)),
    }
}

/// `GET path` on a port of this machine, within a second. On a thread of its own: a service that accepts and then hangs must
/// not hold up the supervisor.
async fn get(port: u16, path: &'static str) -> anyhow::Result<Response> {
    let ask = move || fetch(&format!("127.0.0.1:{port}"), &Endpoint::get(path), Duration::from_secs(1));
    spawn_blocking(ask).await?
}

/// Repeats `ask` until it succeeds, and returns its answer.
///
/// # Errors
/// When `child` ends first; the error of the last attempt when there is no answer within `limit`.
async fn until_it_answers<T>(
    child: &mut Child,
    limit: Duration,
    mut ask: impl AsyncFnMut() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            bail!("{}", Exit::from(status));
        }
        match ask().await {
            Err(_) if Instant::now() < deadline => sleep(Duration::from_millis(20)).await,
            answer => return answer,
        }
    }
}
