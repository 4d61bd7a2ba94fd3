//! The reference answer: the feed with another `db` and another `handlers`. The other rooms are the starter's own.

use std::{env, process::ExitCode};

use shared::server::{self, Server};

#[path = "../src/config.rs"]
mod config;
#[path = "../src/routes.rs"]
mod routes;
mod handlers;
#[path = "../src/models.rs"]
mod models;
#[path = "../src/queries.rs"]
mod queries;
#[path = "../src/schema.rs"]
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
