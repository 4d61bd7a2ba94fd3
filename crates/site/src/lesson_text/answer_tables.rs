//! A learner's table in the page, and the form below it that fills a row or a column from a run.

use anyhow::Context;
use format::{counted, percent};
use maud::{Markup, html};
use observe::saved_runs::SavedRun;

use crate::{
    Site,
    lesson_text::{
        file,
        table_cells::fields,
        tables::{Table, find},
    },
    page_part::part,
};

/// The table, and what fills it: `runs` are there to choose from, the last first.
pub fn table(table: &Table, runs: &[SavedRun]) -> Markup {
    let next = table.next();
    let proposed = proposed(table.names.get(next).map_or("", |name| name), runs);
    part(
        &format!("table/{}", table.id),
        0,
        None,
        html! {
            (fields(table))
            @if !runs.is_empty() {
                form.fill method="post" action="/do/fill" {
                    input type="hidden" name="id" value=(table.id);
                    input type="hidden" name="was" value=(table.version());
                    label {
                        "Fill in "
                        select name="at" { @for (at, name) in table.names.iter().enumerate() { option value=(at) selected[at == next] { (name) } } }
                    }
                    label {
                        "from "
                        select name="run" { @for run in runs { option value=(run.run_id) selected[run.run_id == proposed] { (in_short(run)) } } }
                    }
                    button { "Fill in" }
                }
            }
        },
    )
}

/// The learner's table `id` as it is now.
///
/// # Errors
/// When the lesson cannot be read, or has none of that name.
pub fn table_part(site: &Site, id: &str) -> anyhow::Result<Markup> {
    let tables = find(&file::read(&site.lesson_file())?, &site.figures()?);
    let found =
        tables.iter().find(|table| table.id == id).context("the lesson has changed; reload the page")?;
    Ok(table(found, &site.last_runs()?))
}

/// The run that row or column `name` is probably about: the last one with as many users, where it says how many.
fn proposed<'a>(name: &str, runs: &'a [SavedRun]) -> &'a str {
    let users = name.strip_suffix(" users").and_then(|users| users.parse().ok());
    let fits = |run: &&SavedRun| users.is_none_or(|users: usize| run.run.plan.users == users);
    runs.iter().find(fits).or(runs.first()).map_or("", |run| &run.run_id)
}

fn in_short(run: &SavedRun) -> String {
    let total = run.run.summary().total;
    let plan = &run.run.plan;
    let load =
        plan.rate_per_s.map_or(counted(plan.users as f64, "user"), |rate| format!("{rate}/s asked for"));
    format!(
        "run {}: {load}, {}, {}/s",
        run.run_id,
        percent(total.success_rate),
        format::throughput(total.ok_per_s)
    )
}
