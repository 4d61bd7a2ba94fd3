//! What is drawn for people to look at: a run, or two beside each other, as one HTML file that needs nothing else (no
//! script, no network) or as a part of the lab's page; and there also what runs just now.

mod curves;
mod parts;
mod resource_usage;
mod outcomes;

pub use self::outcomes::outcome;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use observe::saved_runs::SavedRun;

use crate::{
    comparison::Comparison,
    report::curves::{Shown, answers, latencies, percentiles},
};

/// The style of reports.
pub const STYLE: &str = include_str!("style.css");

/// One run.
pub fn of_run(title: &str, saved: &SavedRun) -> Markup {
    whole(title, &format!("Run {}", saved.run_id), run(saved))
}

/// Two runs, and the change of each figure.
pub fn of_comparison(title: &str, before: &SavedRun, after: &SavedRun, comparison: &Comparison) -> Markup {
    let name = format!("Run {} against run {}", after.run_id, before.run_id);
    whole(title, &name, two_runs(before, after, comparison))
}

/// The report of one run, below its heading.
pub fn run(saved: &SavedRun) -> Markup {
    let shown = [Shown { run: &saved.run, prefix: "", class: None }];
    html! {
        p.soft { (parts::summary(saved)) }
        @if let Some(why) = &saved.run.why_invalid {
            p.warning { "Do not believe these numbers: " (why) "." }
        }
        (parts::figures(&saved.run.summary()))
        (parts::predicted(saved))
        (resource_usage::part(saved, "Where the time went"))
        (curves(&shown))
        (parts::errors(&[saved]))
        (parts::beside(&saved.seen))
        (parts::diff("Changes since the start of the lesson", &saved.code.diff))
        (parts::circumstances(saved))
    }
}

/// The report of two runs, below their heading.
pub fn two_runs(before: &SavedRun, after: &SavedRun, comparison: &Comparison) -> Markup {
    let names = [before, after].map(|saved| format!("run {}", saved.run_id));
    let prefixes = names.clone().map(|name| name + ": ");
    let shown = [
        Shown { run: &before.run, prefix: &prefixes[0], class: Some("before") },
        Shown { run: &after.run, prefix: &prefixes[1], class: Some("after") },
    ];
    html! {
        @for (name, saved) in names.iter().zip([before, after]) {
            p.soft { strong { (name) } ": " (parts::summary(saved)) }
        }
        @for doubt in &comparison.doubts {
            p.warning { "Do not believe this: " (doubt) "." }
        }
        @for unlike in &comparison.unlike {
            p.warning { "They measured different things: " (unlike) "." }
        }
        (parts::changes(comparison, &names))
        @for (name, saved) in names.iter().zip([before, after]) {
            (resource_usage::part(saved, &format!("Where the time went: {name}")))
        }
        (curves(&shown))
        (parts::errors(&[before, after]))
        (parts::diff("What changed in the code", &before.code.diff_to(&after.code)))
        (parts::circumstances(before))
        (parts::circumstances(after))
    }
}

fn curves(shown: &[Shown]) -> Markup {
    html! {
        h2 { "The measurement over time" }
        (answers(shown).draw())
        (latencies(shown).draw())
        (percentiles(shown).draw())
    }
}

/// A whole file, with its style in it.
pub fn whole(lesson: &str, name: &str, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (name) " · " (lesson) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                p.soft { (lesson) }
                h1 { (name) }
                (content)
            }
        }
    }
}
