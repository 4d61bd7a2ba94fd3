//! The shop: a catalogue, orders, and a sales report. Read on in the order of the `mod` lines.

use std::{env, process::ExitCode};

use shared::{
    pool::Pool,
    server::{self, Server},
};

mod config;
mod routes;
mod handlers;
mod models;
mod queries;
mod schema;

use config::Config;

/// What it is worth was measured for the feed: see `crates/feed/src/service.rs`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::run("orders", start)
}

async fn start() -> anyhow::Result<()> {
    let config = Config::read(|name| env::var(name).ok())?;
    let server = Server::bind(config.server)?;
    let pool = Pool::new(config.database, config.pool_max_size, config.pool_timeout);
    server.serve(pool, Pool::connection, routes::routes).await
}
