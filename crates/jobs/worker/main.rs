//! A worker: claims a job, works on it, tells how it went, and claims the next. It goes on for as long as it may, also
//! while the service is away.

use std::{env, process::ExitCode};

use shared::logging;
use tokio::{
    select,
    signal::unix::{SignalKind, signal},
};

mod config;
mod worker;
mod client;

use client::Jobs;
use config::Config;
use worker::Worker;

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
    tracing::info!(worker = config.worker, jobs = config.jobs_url, "working");
    let mut worker = Worker::new(config, jobs);
    select! {
        () = worker.work() => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    worker.give_back();
    Ok(())
}
