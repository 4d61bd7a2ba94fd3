//! The Task API: tasks, users and categories, and a cache in front of the lists of tasks. Read on in the order of the
//! `mod` lines.

use std::{env, process::ExitCode};

use actix_web::web::Data;
use shared::{
    message,
    server::{self, Server},
};

mod config;
mod routes;
mod task_handlers;
mod user_handlers;
mod category_handlers;
mod input;
mod page;
mod filter;
mod status;
mod task_models;
mod user_models;
mod category_models;
mod password;
mod envelope;
mod task_queries;
mod user_queries;
mod category_queries;
mod schema;
mod db;
mod cached;
mod cache;
#[expect(
    clippy::allow_attributes,
    reason = "an expectation would be disappointed by one `cache` or the other"
)]
#[allow(dead_code, reason = "`cache` needs this or Redis")]
mod memory;
mod copy;
mod flight;
#[expect(clippy::allow_attributes, reason = "as above")]
#[allow(dead_code, reason = "`cache` needs this or the memory")]
mod redis;
mod breaker;
mod fresh;
mod api_docs;

use cache::Cache;
use cached::Cached;
use config::Config;
use db::Db;
use redis::Redis;

fn main() -> ExitCode {
    server::run("tasks", start)
}

async fn start() -> anyhow::Result<()> {
    let config = Config::read(|name| env::var(name).ok())?;
    message::repeat_detail_as_message();
    let server = Server::bind(config.server)?;
    let cached = Data::new(Cached::new(Cache::new(Redis::at(config.redis))));
    let routes = move |app: &mut _| {
        routes::routes(app);
        app.app_data(cached.clone());
    };
    server.serve(Db::new(config.database), Db::connection, routes).await
}
