//! The load tests so far: all of them, one, or two compared, with the same text as in the reports.

use std::time::SystemTime;

use anyhow::bail;
use maud::{Markup, html};
use observe::{live_figures::LiveFigures, period::Period, saved_runs::find};
use project::events::Events;
use view::{
    comparison::compare,
    report,
    results::{self, Results},
    runs_table::{Chosen, table},
};

use crate::{Site, request};

/// What was read, and when the folder of the runs looked like that.
pub type Kept = Option<(SystemTime, Results)>;

/// The table of the runs, with those that are `chosen`.
///
/// # Errors
/// When the runs cannot be read.
pub fn runs(site: &Site, chosen: &Chosen) -> anyhow::Result<Markup> {
    with_results(site, |results| table(results, chosen))
}

/// When load tests ran, the one that runs now included, and when services were started or ended.
///
/// # Errors
/// When the runs cannot be read.
pub fn periods(site: &Site) -> anyhow::Result<Vec<Period>> {
    let mut periods = with_results(site, |results| results.periods.clone())?;
    if let Some(load) = LiveFigures::of(&site.scenario).load() {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let from_unix_s = now.saturating_sub(load.began_s as u64);
        periods.push(Period { from_unix_s, to_unix_s: now, label: "the load test that runs now".to_owned() });
    }
    periods.extend(Events::read(&site.scenario).list.iter().map(Period::of_event));
    Ok(periods)
}

/// What `read` makes of the runs. A run is a large file, so the results are kept until there is another run.
///
/// # Errors
/// When the runs cannot be read.
pub fn with_results<T>(site: &Site, read: impl FnOnce(&Results) -> T) -> anyhow::Result<T> {
    let changed =
        site.scenario.runs().metadata().and_then(|dir| dir.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut kept = site.results.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    match &mut *kept {
        Some((when, results)) if *when == changed => Ok(read(results)),
        old => Ok(read(&old.insert((changed, results::run(&site.scenario)?)).1)),
    }
}

/// The report of the chosen runs; empty without a choice.
///
/// # Errors
/// When there are no such runs.
pub fn report(site: &Site, chosen: &Chosen) -> anyhow::Result<Markup> {
    Ok(match chosen {
        Chosen::None => Markup::default(),
        Chosen::One(id) => {
            let run = find(&site.scenario, id)?;
            html! { h2 #report { "Run " (run.run_id) } (save(&format!("run={id}"))) (request::slowest(&run)) (report::run(&run)) }
        }
        Chosen::Two(before, after) => {
            let (before, after) = (find(&site.scenario, before)?, find(&site.scenario, after)?);
            let comparison = compare(&site.scenario, &before, &after);
            html! {
                h2 #report { "Run " (after.run_id) " against run " (before.run_id) }
                (save(&format!("before={}&after={}", before.run_id, after.run_id)))
                (report::two_runs(&before, &after, &comparison))
            }
        }
    })
}

fn save(query: &str) -> Markup {
    html! { p { a href={ "/report?" (query) } download { "Save this report" } } }
}

/// The report of the chosen runs as a page of its own, and the name of its file.
///
/// # Errors
/// When none is chosen, or there are no such runs.
pub fn whole_report(site: &Site, chosen: &Chosen) -> anyhow::Result<(String, Markup)> {
    let (title, number) = (site.scenario.lesson()?.title, site.scenario.number);
    Ok(match chosen {
        Chosen::None => bail!("name a run: /report?run=001"),
        Chosen::One(id) => {
            let run = find(&site.scenario, id)?;
            (format!("scenario-{number}-run-{}", run.run_id), report::of_run(&title, &run))
        }
        Chosen::Two(before, after) => {
            let (before, after) = (find(&site.scenario, before)?, find(&site.scenario, after)?);
            let comparison = compare(&site.scenario, &before, &after);
            let name = format!("scenario-{number}-runs-{}-{}", before.run_id, after.run_id);
            (name, report::of_comparison(&title, &before, &after, &comparison))
        }
    })
}
