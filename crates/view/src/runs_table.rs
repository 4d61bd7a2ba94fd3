//! The load tests so far, as a table from which two are chosen.

use maud::{Markup, html};

use crate::results::Results;

/// What is looked at now, by the ids of the runs.
#[derive(Debug, Default, PartialEq)]
pub enum Chosen {
    /// Only the table.
    #[default]
    None,
    /// One run.
    One(String),
    /// The one before and the one after.
    Two(String, String),
}

impl Chosen {
    /// What follows the `?` of an address: `run=003`, or `before=001&after=003`.
    pub fn of<'a>(value: impl Fn(&str) -> Option<&'a String>) -> Self {
        match (value("run"), value("before").zip(value("after"))) {
            (_, Some((before, after))) => Self::Two(before.clone(), after.clone()),
            (Some(run), None) => Self::One(run.clone()),
            (None, None) => Self::None,
        }
    }
}

/// The runs, with links to each and a form that compares two of them. Where none are `chosen`, the first and the last
/// are proposed.
pub fn table(results: &Results, chosen: &Chosen) -> Markup {
    let runs = &results.runs;
    let id = |place: Option<usize>| place.and_then(|place| runs.get(place)).map(|row| row.run_id.clone());
    let (before, after) = match chosen {
        Chosen::Two(before, after) => (Some(before.clone()), Some(after.clone())),
        Chosen::One(run) => (id(Some(0)), Some(run.clone())),
        Chosen::None => (id(Some(0)), id(runs.len().checked_sub(1))),
    };
    // One alone has nothing to be compared with.
    let can_compare = runs.len() > 1;
    let columns: Vec<_> = results.columns().skip(1).collect();
    html! {
        h2 { "Runs" }
        @if runs.is_empty() {
            p { "There are no runs yet. The first one shows how the system performs before you change it." }
        } @else {
            form method="get" action="/runs#report" {
                div.scroll tabindex="0" { table.runs {
                    tr {
                        th { "Run" } @if can_compare { th { "Before" } th { "After" } }
                        @for column in &columns { th.number[column.is_number] { (column.title) } }
                    }
                    @for row in runs {
                        @let is_chosen = *chosen == Chosen::One(row.run_id.clone());
                        tr.chosen[is_chosen] {
                            td { a href={ "/runs?run=" (row.run_id) "#report" } aria-current=[is_chosen.then_some("true")] { (row.run_id) } }
                            @for (name, choice) in [("before", &before), ("after", &after)].into_iter().filter(|_| can_compare) {
                                td { input type="radio" name=(name) value=(row.run_id) required id={ (name) "-" (row.run_id) }
                                    checked[choice.as_ref() == Some(&row.run_id)]
                                    aria-label={ "run " (row.run_id) " as the one " (name) }; }
                            }
                            @for column in &columns { td.number[column.is_number] { ((column.cell)(row)) } }
                        }
                    }
                } }
                @if can_compare { p { button #compare { "Compare the two" } } }
            }
            @for remark in results.remarks() { p.soft { (remark) } }
        }
    }
}
