//! What runs just now, and how the database finds the rows of the lesson's query.

use std::time::Duration;

use actix_web::web::block;
use maud::{Markup, html};
use observe::{
    dashboard::prometheus::{Prometheus, Range},
    live_figures::LiveFigures,
    query_plan::explain,
};
use project::{Scenario, Session, spec_file::Spec, status::Status};
use view::{
    query_plan,
    topology::{Rates, Topology, question},
};

use crate::Site;

/// The diagram of the running system, below a list of its problems.
///
/// # Errors
/// When the lesson cannot be read.
pub async fn topology(site: &Site) -> anyhow::Result<(String, Markup)> {
    let scenario = &site.scenario;
    let Some(spec) = Spec::read(scenario) else {
        return Ok((String::new(), html! { h2 { "What runs" } p { "Nothing was started yet." } }));
    };
    let state = Status::read(scenario).filter(|_| scenario.is_up().unwrap_or(false));
    let lesson = scenario.lesson()?;
    let entry = spec.target(&lesson.load)?;
    let (mut rates, trouble) = match rates(site, &spec).await {
        Ok(rates) => (rates, None),
        Err(error) => (Rates::default(), Some(format!("The traffic is not known now: {error:#}."))),
    };
    for service in spec.services.iter().filter(|service| site.health.is_silent(&service.name)) {
        rates.servers.entry(service.name.clone()).or_default().answers = Some(false);
    }
    let drawn = Topology::of(&spec, state.as_ref(), entry, &Rates { load: load(scenario), ..rates });
    let content = html! {
        h2 { "What runs" }
        (drawn.draw())
        @if let Some(trouble) = &trouble { p.warning { (trouble) } }
    };
    Ok((drawn.troubles() + &trouble.unwrap_or_default(), content))
}

/// Prometheus's figures of the last seconds, queried on another thread so that other requests do not wait.
async fn rates(site: &Site, spec: &Spec) -> anyhow::Result<Rates> {
    let Some(prometheus) = Prometheus::of(&site.scenario, spec)? else {
        return Ok(Rates::default());
    };
    site.health.expect_prometheus(spec)?;
    let now = Range::last(Duration::ZERO);
    let series = block(move || prometheus.range(&question(), now)).await??;
    let mut rates = Rates::default();
    for series in &series {
        let label = |name: &str| series.metric.get(name).map(String::as_str).unwrap_or_default();
        if let Some(Some(value)) = series.values(now).first() {
            rates.note(label("instance"), label("figure"), *value);
        }
    }
    Ok(rates)
}

/// The phase of the running load test; `None` without one.
fn load(scenario: &Scenario) -> Option<String> {
    LiveFigures::of(scenario).load().map(|load| load.phase)
}

/// The plan of the lesson's query.
///
/// # Errors
/// When the database does not answer; its own words.
pub async fn plan(site: &Site) -> anyhow::Result<Markup> {
    let explained = explain(&Session::open(&site.scenario)?).await?;
    Ok(html! {
        h2 { "The plan of the query" }
        (query_plan::plan(&explained))
    })
}
