//! The shop: a catalogue, orders, and a sales report. Read on in the order of the `mod` lines.

use std::{env, process::ExitCode};

use shared::server::{self, Server};

mod config;
mod routes;
mod handlers;
mod models;
mod queries;
mod schema;
mod db;

use config::Config;
use db::Db;

fn main() -> ExitCode {
    server::run("orders", start)
}

async fn start() -> anyhow::Result<()> {
    let config = Config::read(|name| env::var(name).ok())?;
    let server = Server::bind(config.server)?;
    let db = Db::new(config.database, config.pool_max_size, config.pool_timeout);
    server.serve(db, Db::connection, routes::routes).await
}
