//! The Task API: tasks, users and categories, and a cache in front of the lists of tasks. Read on in the order of the
//! `mod` lines; `cache` is in `main.rs`, because the reference solution has its own.

use std::{env, process::ExitCode, time::Duration};

use actix_web::web::Data;
use shared::{
    pool::Pool,
    server::{self, Server},
};

pub mod config;
pub mod routes;
pub mod task_handlers;
pub mod user_handlers;
pub mod category_handlers;
pub mod page;
pub mod filter;
pub mod status;
pub mod task_models;
pub mod user_models;
pub mod category_models;
pub mod password;
pub mod envelope;
pub mod task_queries;
pub mod user_queries;
pub mod category_queries;
pub mod schema;
pub mod cached;
#[expect(
    clippy::allow_attributes,
    reason = "an expectation would be disappointed by one `cache` or the other"
)]
#[allow(dead_code, reason = "`cache` needs this or Redis")]
pub mod memory;
pub mod list_body;
pub mod single_flight;
#[expect(clippy::allow_attributes, reason = "as above")]
#[allow(dead_code, reason = "`cache` needs this or the memory")]
pub mod redis;
pub mod breaker;
pub mod freshness;
pub mod api_docs;

use crate::cache::Cache;
use cached::Cached;
use config::Config;
use redis::Redis;

/// Connections all requests of this instance share. Four instances take 40 of the 100 that PostgreSQL allows by
/// default.
const POOL_MAX_SIZE: u32 = 10;

/// How long a request waits for its turn.
const POOL_TIMEOUT: Duration = Duration::from_secs(2);

/// What it is worth was measured for the feed: see `crates/feed/src/service.rs`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Serves until SIGTERM.
pub fn run() -> ExitCode {
    server::run("tasks", start)
}

async fn start() -> anyhow::Result<()> {
    let config = Config::read(|name| env::var(name).ok())?;
    let server = Server::bind(config.server)?.repeat_detail_as_message();
    let cached = Data::new(Cached::new(Cache::new(Redis::at(config.redis))));
    let routes = move |app: &mut _| {
        routes::routes(app);
        app.app_data(cached.clone());
    };
    let pool = Pool::new(config.database, POOL_MAX_SIZE, POOL_TIMEOUT);
    server.serve(pool, Pool::connection, routes).await
}
