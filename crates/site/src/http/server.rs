//! The server: where it listens, what it refuses, when it stops.

use std::sync::{Arc, atomic::AtomicBool};

use actix_web::{
    App, HttpServer,
    middleware::{DefaultHeaders, from_fn},
    web::{Data, FormConfig, PayloadConfig},
};
use anyhow::Context;
use project::{Scenario, container, spec_file::Spec};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::LocalSet,
};

use crate::{
    Site,
    background::{health_poll::HealthPoll, jobs::Jobs, metrics::Metrics, target_discovery},
    http::{guard, login, routes},
    watch,
};

/// An answer is text that a person typed.
const BODY_LIMIT: usize = 256 * 1024;

/// Nothing but what this server sends: no foreign address, and no script or style within a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Serves the page of `scenario`, on its port, until a stop signal; the commands it started then end as
/// well.
///
/// # Errors
/// When the plan has no page, or its port is taken.
pub async fn run(scenario: Scenario) -> anyhow::Result<()> {
    let spec = Spec::read(&scenario);
    let spec = spec.context("the scenario has no spec; start the page with `lab up`")?;
    let port = spec.page().and_then(|page| page.port).context("the spec has no page")?.native;
    // Before any client can know that there is a server to stop.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let hosts = Arc::new(guard::Hosts::of_this_machine(port));
    let address = container::listen()?;
    // Before the port opens: an unusable token stops the start and is named there.
    scenario.page_token()?;
    let metrics = Metrics::new(scenario.clone());
    let site = Data::new(Site {
        scenario,
        jobs: Jobs::default(),
        metrics,
        health: HealthPoll::default(),
        watches: AtomicBool::new(false),
        current_system: Default::default(),
        results: Default::default(),
    });
    let server = HttpServer::new({
        let site = site.clone();
        move || {
            let hosts = Arc::clone(&hosts);
            let its_page = site.clone();
            // The last of them sees a request first.
            App::new()
                .wrap(from_fn(move |request, next| login::around(its_page.clone(), request, next)))
                .wrap(from_fn(move |request, next| guard::around(Arc::clone(&hosts), request, next)))
                .wrap(
                    DefaultHeaders::new()
                        .add(("Content-Security-Policy", POLICY))
                        .add(("X-Content-Type-Options", "nosniff"))
                        // Not `no-referrer`: with that, browsers hide from us where a form came from.
                        .add(("Referrer-Policy", "same-origin"))
                        .add(("Cache-Control", "no-store")),
                )
                .app_data(site.clone())
                .app_data(FormConfig::default().limit(BODY_LIMIT))
                .app_data(PayloadConfig::new(BODY_LIMIT))
                .configure(routes::routes)
        }
    })
    .workers(1)
    .shutdown_timeout(1)
    .disable_signals()
    .bind((address, port))
    .with_context(|| format!("cannot listen on {address}:{port}"))?
    .run();
    let tasks = LocalSet::new();
    let result = tokio::select! {
        result = tasks.run_until(server) => result.context("the page's server ended"),
        () = site.health.poll_forever(&site.scenario) => Ok(()),
        () = watch::check_on_change(&site) => Ok(()),
        () = target_discovery::go_ahead_of_prometheus(&site.scenario) => Ok(()),
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    };
    site.jobs.stop_all().await;
    result
}
