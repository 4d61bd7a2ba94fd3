//! A wrong turn: the reference answer with a pool larger than the database allows. Lesson 3 shows what it does to others.

use std::{env, process::ExitCode};

use shared::server::{self, Server};

#[path = "../../src/config.rs"]
mod config;
#[path = "../../src/routes.rs"]
mod routes;
#[path = "../../src/handlers.rs"]
mod handlers;
#[path = "../../src/inputs.rs"]
mod inputs;
#[path = "../../src/models.rs"]
mod models;
#[path = "../../src/queries.rs"]
mod queries;
#[path = "../../src/leases.rs"]
mod leases;
#[path = "../../src/schema.rs"]
mod schema;
#[path = "../../src/metrics.rs"]
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
