//! The jobs: people submit them, workers claim and finish them. Read on in the order of the `mod` lines.

use std::{env, process::ExitCode};

use shared::server::{self, Server};

mod config;
mod routes;
mod handlers;
mod inputs;
mod models;
mod queries;
mod leases;
mod schema;
mod metrics;
mod db;

use config::Config;
use db::Db;

fn main() -> ExitCode {
    server::run("jobs", start)
}

async fn start() -> anyhow::Result<()> {
    let config = Config::read(|name| env::var(name).ok())?;
    let server = Server::bind(config.server)?;
    metrics::start(config.database.clone());
    let routes = move |app: &mut _| routes::routes(app, config.lease);
    server.serve(Db::new(config.database), Db::connection, routes).await
}
