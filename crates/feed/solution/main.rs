//! The feed: people post, everybody reads the newest posts.

use std::{env, net::TcpListener, process::ExitCode};

use actix_web::{App, HttpServer, web::Data};

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

fn main() -> ExitCode {
    match actix_web::rt::System::new().block_on(run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("feed: {err:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let config = config::Config::read(|name| env::var(name).ok())?;
    let db = Data::new(db::Db::open(&config));
    let listener = TcpListener::bind(config.listen_address)?;
    println!("listening on {}", listener.local_addr()?);
    let workers = config.http_workers;
    HttpServer::new(move || App::new().app_data(db.clone()).configure(routes::routes))
        .workers(workers)
        .listen(listener)?
        .run()
        .await?;
    Ok(())
}
