//! The load tests so far: all of them, one, or two compared, with the same text as in the reports.

use std::time::SystemTime;

use maud::{Markup, html};
use observe::saved_runs::find;
use view::{
    comparison::compare,
    report,
    results::{self, Results},
    runs_table::{Chosen, table},
};

use crate::Site;

/// What was read, and when the folder of the runs looked like that.
pub type Kept = Option<(SystemTime, Results)>;

/// The table of the runs, with those that are `chosen`. A run is a large file, so the table is kept until there is another.
///
/// # Errors
/// When the runs cannot be read.
pub fn runs(site: &Site, chosen: &Chosen) -> anyhow::Result<Markup> {
    let changed =
        site.scenario.runs().metadata().and_then(|dir| dir.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut kept = site.results.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if kept.as_ref().is_none_or(|(when, _)| *when != changed) {
        *kept = Some((changed, results::run(&site.scenario)?));
    }
    Ok(kept.as_ref().map_or_else(Markup::default, |(_, results)| table(results, chosen)))
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
            html! { h2 #report { "Run " (run.run_id) } (report::run(&run)) }
        }
        Chosen::Two(before, after) => {
            let (before, after) = (find(&site.scenario, before)?, find(&site.scenario, after)?);
            let comparison = compare(&site.scenario, &before, &after);
            html! {
                h2 #report { "Run " (after.run_id) " against run " (before.run_id) }
                (report::two_runs(&before, &after, &comparison))
            }
        }
    })
}
