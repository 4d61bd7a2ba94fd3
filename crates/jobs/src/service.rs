//! The jobs: people submit them, workers claim and finish them. Read on in the order of the `mod` lines; `db` is in
//! `main.rs`, because the reference solution has its own.

use std::{env, process::ExitCode};

use shared::{
    pool::Pool,
    server::{self, Server},
};

pub mod config;
pub mod routes;
pub mod handlers;
pub mod inputs;
pub mod payload;
pub mod status;
pub mod models;
pub mod queries;
pub mod leases;
pub mod schema;
pub mod metrics;

use crate::db;
use config::Config;

/// What it is worth was measured for the feed: see `crates/feed/src/service.rs`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Serves until SIGTERM.
pub fn run() -> ExitCode {
    server::run("jobs", start)
}

async fn start() -> anyhow::Result<()> {
    let config = Config::read(|name| env::var(name).ok())?;
    let server = Server::bind(config.server)?;
    metrics::start(config.database.clone());
    let routes = move |app: &mut _| routes::routes(app, config.lease);
    server.serve(db::pool(config.database), Pool::connection, routes).await
}
