//! A worker: claims a job, works on it, reports how it went, and claims the next. It goes on until SIGTERM, also while the
//! service is unavailable.

use std::{env, process::ExitCode, time::Duration};

use shared::logging;
use tokio::{
    select,
    signal::unix::{SignalKind, signal},
    time::timeout,
};

mod config;
mod worker;
mod client;

use client::Jobs;
use config::Config;
use worker::Worker;

/// How long a worker that was asked to stop tries to give its job back. It then ends within a second.
const GIVE_BACK_TIMEOUT: Duration = Duration::from_millis(800);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("jobs-worker: {err:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let config = Config::read(|name| env::var(name).ok())?;
    logging::install(config.log_format)?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let jobs = Jobs::new(&config);
    tracing::info!(worker = config.worker, jobs = %config.jobs_url, "working");
    let mut worker = Worker::new(config, jobs);
    select! {
        () = worker.work() => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    // Late or not at all: the lease of the job ends by itself.
    let _ = timeout(GIVE_BACK_TIMEOUT, worker.give_back()).await;
    Ok(())
}
