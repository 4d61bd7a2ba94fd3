//! The reference answer: the Task API with another `cache`. The other rooms are the starter's own.

use std::{env, process::ExitCode};

use actix_web::web::Data;
use shared::{
    message,
    server::{self, Server},
};

#[path = "../src/config.rs"]
mod config;
#[path = "../src/routes.rs"]
mod routes;
#[path = "../src/task_handlers.rs"]
mod task_handlers;
#[path = "../src/user_handlers.rs"]
mod user_handlers;
#[path = "../src/category_handlers.rs"]
mod category_handlers;
#[path = "../src/input.rs"]
mod input;
#[path = "../src/page.rs"]
mod page;
#[path = "../src/filter.rs"]
mod filter;
#[path = "../src/status.rs"]
mod status;
#[path = "../src/task_models.rs"]
mod task_models;
#[path = "../src/user_models.rs"]
mod user_models;
#[path = "../src/category_models.rs"]
mod category_models;
#[path = "../src/password.rs"]
mod password;
#[path = "../src/envelope.rs"]
mod envelope;
#[path = "../src/task_queries.rs"]
mod task_queries;
#[path = "../src/user_queries.rs"]
mod user_queries;
#[path = "../src/category_queries.rs"]
mod category_queries;
#[path = "../src/schema.rs"]
mod schema;
#[path = "../src/db.rs"]
mod db;
#[path = "../src/cached.rs"]
mod cached;
mod cache;
#[path = "../src/copy.rs"]
mod copy;
#[path = "../src/flight.rs"]
mod flight;
#[path = "../src/redis.rs"]
mod redis;
#[path = "../src/breaker.rs"]
mod breaker;
#[path = "../src/fresh.rs"]
mod fresh;
#[path = "../src/api_docs.rs"]
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
