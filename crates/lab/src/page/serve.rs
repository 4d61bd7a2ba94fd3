//! `lab page`: the lab's own page, on the port of the dashboards.

use std::net::Ipv4Addr;

use actix_web::{App, HttpServer, web::get};
use anyhow::Context;
use tokio::task::LocalSet;

use crate::{
    plan::Desired,
    project::{Scenario, read_json},
};

/// Serves the page of `scenario` until this process is told to end.
///
/// # Errors
/// When the plan has no page, or its port is taken.
pub async fn serve(scenario: &Scenario) -> anyhow::Result<()> {
    let desired: Option<Desired> = read_json(&scenario.dir().join("desired.json"));
    let desired = desired.context("nothing says what shall run; `lab up` starts the page")?;
    let port = desired.page().and_then(|page| page.port).context("no page is wanted")?.native;
    let server = HttpServer::new(|| App::new().route("/livez", get().to(async || "alive")))
        .workers(1)
        .shutdown_timeout(1)
        .bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("cannot listen on port {port}"))?;
    LocalSet::new().run_until(server.run()).await.context("the page ended")
}
