//! A run, or two beside each other, as one HTML file that needs nothing else: no script, no network.

mod curves;
pub mod panels;
mod parts;
mod plot;
mod spent;
mod words;

pub use plot::number;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::commands::{compare::Comparison, runs::SavedRun};
use curves::{Shown, answers, latencies, percentiles};

/// One run.
pub fn of_run(title: &str, saved: &SavedRun) -> Markup {
    let name = format!("Run {}", saved.run_id);
    let shown = [Shown { run: &saved.run, prefix: "", class: None }];
    whole(
        title,
        &name,
        html! {
            p.soft { (parts::summary(saved)) }
            @if let Some(why) = &saved.run.why_invalid {
                p.warning { "Do not believe these numbers: " (why) "." }
            }
            (parts::figures(&saved.run.summary()))
            (parts::predicted(saved))
            (spent::part(saved, "Where the time went"))
            (curves(&shown))
            (parts::errors(&[saved]))
            (parts::beside(&saved.seen))
            (parts::diff("What differed from the last commit", &saved.code.diff))
            (parts::circumstances(saved))
        },
    )
}

/// Two runs, and what became of each figure.
pub fn of_comparison(title: &str, before: &SavedRun, after: &SavedRun, comparison: &Comparison) -> Markup {
    let names = [before, after].map(|saved| format!("run {}", saved.run_id));
    let prefixes = names.clone().map(|name| name + ": ");
    let shown = [
        Shown { run: &before.run, prefix: &prefixes[0], class: Some("before") },
        Shown { run: &after.run, prefix: &prefixes[1], class: Some("after") },
    ];
    whole(
        title,
        &format!("Run {} against run {}", after.run_id, before.run_id),
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
                (spent::part(saved, &format!("Where the time went: {name}")))
            }
            (curves(&shown))
            (parts::errors(&[before, after]))
            (parts::diff("What changed in the code", &before.code.diff_to(&after.code)))
            (parts::circumstances(before))
            (parts::circumstances(after))
        },
    )
}

fn curves(shown: &[Shown]) -> Markup {
    html! {
        h2 { "The course of the measurement" }
        (answers(shown).draw())
        (latencies(shown).draw())
        (percentiles(shown).draw())
    }
}

fn whole(lesson: &str, name: &str, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (name) " · " (lesson) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                p.soft { (lesson) }
                h1 { (name) }
                (content)
            }
        }
    }
}
