//! What runs just now, and how the database finds the rows of the lesson's query.

use std::time::Duration;

use actix_web::web::block;
use maud::{Markup, html};

use super::Site;
use crate::{
    board::{Board, LoadNow},
    commands::{explain, measure::target},
    dashboard::prometheus::{Prometheus, Range},
    lesson::Lesson,
    page::{
        steps,
        topology::{Rates, Topology, question},
    },
    plan::Desired,
    project::{Scenario, read_json},
    state::State,
};

/// The running system, drawn; and before it what is wrong with it, in words.
///
/// # Errors
/// When the lesson cannot be read.
pub async fn topology(site: &Site) -> anyhow::Result<(String, Markup)> {
    let scenario = &site.scenario;
    let Some(desired) = read_json::<Desired>(&scenario.dir().join("desired.json")) else {
        return Ok((String::new(), html! { h2 { "What runs" } p { "Nothing was started yet." } }));
    };
    let state = State::read(scenario).filter(|_| scenario.is_up().unwrap_or(false));
    let lesson = Lesson::read(scenario)?;
    let asked = target(&desired, &lesson.load)?;
    let (mut rates, trouble) = match rates(site, &desired).await {
        Ok(rates) => (rates, None),
        Err(error) => (Rates::default(), Some(format!("How much passes is not known now: {error:#}."))),
    };
    for service in desired.services.iter().filter(|service| site.pulse.is_silent(&service.name)) {
        rates.servers.entry(service.name.clone()).or_default().answers = Some(false);
    }
    let drawn = Topology::of(&desired, state.as_ref(), asked, &Rates { load: load(scenario), ..rates });
    let content = html! {
        h2 { "What runs" }
        (drawn.draw())
        @if let Some(trouble) = &trouble { p.warning { (trouble) } }
    };
    Ok((drawn.troubles() + &trouble.unwrap_or_default(), content))
}

/// What Prometheus knows of the last seconds. It is asked on a thread of its own: others are answered meanwhile.
async fn rates(site: &Site, desired: &Desired) -> anyhow::Result<Rates> {
    let Some(port) = desired.prometheus().and_then(|service| service.port) else {
        return Ok(Rates::default());
    };
    site.pulse.expect_prometheus(desired)?;
    let now = Range::last(Duration::ZERO);
    let series = block(move || Prometheus { port: port.native }.range(&question(), now)).await??;
    let mut rates = Rates::default();
    for series in &series {
        let label = |name: &str| series.metric.get(name).map(String::as_str).unwrap_or_default();
        if let Some(Some(value)) = series.values(now).first() {
            rates.note(label("instance"), label("figure"), *value);
        }
    }
    Ok(rates)
}

/// What a load test does just now; `None` when there is none.
fn load(scenario: &Scenario) -> Option<String> {
    let board = Board::of(scenario);
    let load = board.read::<LoadNow>().filter(|load| load.phase != "over");
    load.filter(|_| board.is_fresh::<LoadNow>()).map(|load| load.phase)
}

/// The plan of the lesson's query.
///
/// # Errors
/// When the database does not answer; its own words.
pub async fn plan(site: &Site) -> anyhow::Result<Markup> {
    let explained = explain::run(&site.scenario).await?;
    Ok(html! {
        h2 { "The plan of the query" }
        (steps::plan(&explained))
    })
}
