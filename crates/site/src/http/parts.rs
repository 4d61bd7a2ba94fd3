//! The parts that pages are made of, each by its name. All of them can be fetched anew.

use std::time::Duration;

use actix_web::web::block;
use anyhow::{Context, anyhow};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use project::spec_file::Spec;
use view::{panels, runs_table::Chosen};

use crate::{
    Site,
    failure::Failure,
    goals, hints, history, lesson_end,
    lesson_text::{answer_tables, tasks},
    lessons, load, logs, own_prediction,
    page_part::part as wrapped,
    query::Asked,
    status_bar::bar,
    system,
};

/// The part `name`.
///
/// # Errors
/// When there is no part of that name. A part that cannot be drawn shows why in its place; the rest of the page works.
pub async fn part(site: &Site, name: &str, asked: &Asked) -> Result<Markup, Failure> {
    // How many seconds it stays fresh, the screen reader's text after a change, and its content.
    let (every_s, say, content): (u32, Option<String>, anyhow::Result<Markup>) = match name {
        "bar" => return Ok(bar(site)),
        _ if name.starts_with("run/") => return Ok(tasks::command(site, &tasks::find(site, &name[4..])?)),
        _ if name.starts_with("table/") => return Ok(answer_tables::table_part(site, &name[6..])?),
        _ if name.starts_with("answer/") => return tasks::answer_part(site, &name[7..]),
        "panels" => (2, None, panels(site, asked).await),
        "topology" => system::topology(site).await.map_or_else(
            |error| (5, None, Err(error)),
            |(troubles, content)| (1, Some(troubles), Ok(content)),
        ),
        "plan" => (0, None, system::plan(site).await),
        "runs" => (5, None, history::runs(site, &Chosen::of(|key| asked.get(key)))),
        "logs" => (1, None, Ok(logs::tails(site, asked)?)),
        "load" => load::load(site).map_or_else(
            |error| (5, None, Err(error)),
            |(every_s, say, content)| (every_s, say, Ok(content)),
        ),
        "goals" => {
            let (every_s, say, content) = goals::goals(site);
            (every_s, say, Ok(content))
        }
        "lessons" => lessons::lessons(site)
            .map_or_else(|error| (5, None, Err(error)), |(every_s, content)| (every_s, None, Ok(content))),
        "end" => (5, None, lesson_end::part(site)),
        "guess" => (0, None, Ok(own_prediction::guess(site))),
        "hint" => (0, None, hints::hints(site)),
        _ => return Err(Failure::not_found(format!("there is no part `{name}`"))),
    };
    let content = content.unwrap_or_else(|error| html! { p.warning { (format!("{error:#}")) } });
    // The next request asks for the same.
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let query: Vec<_> =
        asked.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
    let name = if query.is_empty() { name.to_owned() } else { format!("{name}?{}", query.join("&")) };
    Ok(wrapped(&name, every_s, say.as_deref(), content))
}

/// Several, one below the other.
///
/// # Errors
/// As [`part`].
pub async fn all(site: &Site, names: &[&str]) -> Result<Markup, Failure> {
    let mut parts = Vec::new();
    for name in names {
        parts.push(part(site, name, &Asked::new()).await?);
    }
    Ok(html! { @for part in parts { (part) } })
}

/// The last minutes that were `asked` for, or five. Prometheus is queried on another thread, so that other requests do not
/// wait.
async fn panels(site: &Site, asked: &Asked) -> anyhow::Result<Markup> {
    let scenario = site.scenario.clone();
    let spec = Spec::read(&scenario);
    let spec = spec.context("the scenario has no spec; run `lab up`")?;
    site.health.expect_prometheus(&spec).map_err(|error| anyhow!(panels::prometheus_fails(&error)))?;
    let length = Duration::from_secs(60 * minutes(asked));
    let periods = history::periods(site)?;
    Ok(block(move || panels::draw(&scenario, &spec, length, &periods)).await?)
}

/// So many can be chosen.
pub const MINUTES: [u64; 4] = [1, 5, 15, 60];

/// How many minutes the panels show.
pub fn minutes(asked: &Asked) -> u64 {
    let chosen = asked.get("minutes").and_then(|minutes| minutes.parse().ok());
    chosen.filter(|minutes| MINUTES.contains(minutes)).unwrap_or(5)
}
