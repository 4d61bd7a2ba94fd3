//! The parts that pages are made of, each by its name. All of them can be fetched anew.

use std::{collections::BTreeMap, time::Duration};

use actix_web::web::block;
use anyhow::{Context, anyhow};
use maud::{Markup, html};
use project::spec::Spec;
use view::{panels, runs_table::Chosen};

use crate::{
    Site, answer_tables, bar::bar, failure::Failure, goals, hints, history, load, logs, own_prediction,
    shell::part as wrapped, system, tasks,
};

/// What follows the `?`.
pub type Asked = BTreeMap<String, String>;

/// The part `name`.
///
/// # Errors
/// When there is none of that name. A part that cannot be drawn says why, in its place: the rest of the page holds.
pub async fn part(site: &Site, name: &str, asked: &Asked) -> Result<Markup, Failure> {
    // How many seconds it stays fresh, what it says when it has changed, and what it shows.
    let (every_s, say, content): (u32, Option<String>, anyhow::Result<Markup>) = match name {
        "bar" => return Ok(bar(site)),
        _ if name.starts_with("run/") => return Ok(tasks::command(site, &tasks::find(site, &name[4..])?)),
        _ if name.starts_with("table/") => return Ok(answer_tables::table_part(site, &name[6..])?),
        _ if name.starts_with("answer/") => return tasks::answer_part(site, &name[7..]),
        "panels" => (2, None, panels(site).await),
        "topology" => system::topology(site).await.map_or_else(
            |error| (5, None, Err(error)),
            |(troubles, content)| (1, Some(troubles), Ok(content)),
        ),
        "plan" => (0, None, system::plan(site).await),
        "runs" => (5, None, history::runs(site, &Chosen::of(|key| asked.get(key)))),
        "logs" => (1, None, Ok(logs::tails(site, asked.get("of").map(String::as_str))?)),
        "load" => load::load(site).map_or_else(
            |error| (5, None, Err(error)),
            |(every_s, say, content)| (every_s, say, Ok(content)),
        ),
        "goals" => {
            let (every_s, say, content) = goals::goals(site);
            (every_s, say, Ok(content))
        }
        "guess" => (0, None, Ok(own_prediction::guess(site))),
        "hint" => (0, None, hints::hints(site)),
        _ => return Err(Failure::not_found(format!("there is no part `{name}`"))),
    };
    let content = content.unwrap_or_else(|error| html! { p.warning { (format!("{error:#}")) } });
    // The next time, the same is asked for. It was looked up by now, so that it is what it seems to be.
    let query: Vec<_> = asked.iter().map(|(key, value)| format!("{key}={value}")).collect();
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

/// The last five minutes. Prometheus is asked on a thread of its own: others are answered meanwhile.
async fn panels(site: &Site) -> anyhow::Result<Markup> {
    let scenario = site.scenario.clone();
    let spec = Spec::read(&scenario);
    let spec = spec.context("nothing says what shall run; `lab up` does")?;
    site.pulse.expect_prometheus(&spec).map_err(|error| anyhow!(panels::away(&error)))?;
    Ok(block(move || panels::draw(&scenario, &spec, Duration::from_secs(300))).await?)
}
