//! The parts that pages are made of, each by its name. All of them can be fetched anew.

use std::{collections::BTreeMap, time::Duration};

use actix_web::web::block;
use anyhow::Context;
use maud::{Markup, html};

use super::{Site, bar::bar, failure::Failure, goals, hints, load, shell::part as wrapped, tables, tasks};
use crate::{page::panels, plan::Desired, project::read_json};

/// What follows the `?`.
pub type Asked = BTreeMap<String, String>;

/// The part `name`.
///
/// # Errors
/// When there is none of that name. A part that cannot be drawn says why, in its place: the rest of the page holds.
pub async fn part(site: &Site, name: &str, asked: &Asked) -> Result<Markup, Failure> {
    let _ = asked;
    // How many seconds it stays fresh, what it says when it has changed, and what it shows.
    let (every_s, say, content): (u32, Option<String>, anyhow::Result<Markup>) = match name {
        "bar" => return Ok(bar(site)),
        _ if name.starts_with("run/") => return Ok(tasks::output(site, &tasks::find(site, &name[4..])?)),
        _ if name.starts_with("table/") => return Ok(tables::table_part(site, &name[6..])?),
        _ if name.starts_with("answer/") => return tasks::answer_part(site, &name[7..]),
        "panels" => (2, None, panels(site).await),
        "topology" => (2, None, to_come("What runs")),
        "plan" => (0, None, to_come("The plan of the query")),
        "runs" => (5, None, to_come("Runs")),
        "logs" => (1, None, to_come("Logs")),
        "load" => load::load(site).map_or_else(
            |error| (5, None, Err(error)),
            |(every_s, say, content)| (every_s, say, Ok(content)),
        ),
        "goals" => {
            let (every_s, say, content) = goals::goals(site);
            (every_s, say, Ok(content))
        }
        "hint" => (0, None, hints::hints(site)),
        _ => return Err(Failure::not_found(format!("there is no part `{name}`"))),
    };
    let content = content.unwrap_or_else(|error| html! { p.warning { (format!("{error:#}")) } });
    Ok(wrapped(name, every_s, say.as_deref(), content))
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
    block(move || {
        let desired: Option<Desired> = read_json(&scenario.dir().join("desired.json"));
        let desired = desired.context("nothing says what shall run; `lab up` does")?;
        Ok(panels::draw(&scenario, &desired, Duration::from_secs(300)))
    })
    .await?
}

fn to_come(what: &str) -> anyhow::Result<Markup> {
    Ok(html! { h2 { (what) } })
}
