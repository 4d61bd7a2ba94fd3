//! The feed: people post, and everybody reads the newest posts. Read on in the order of the `mod` lines.

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
    server::run("feed", start)
}

async fn start() -> anyhow::Result<()> {
    let config = Config::read(|name| env::var(name).ok())?;
    let server = Server::bind(config.server)?;
    server.serve(Db::new(config.database), Db::connection, routes::routes).await
}
