//! Hints: the ones that were asked for, and a button for the next.

use std::path::Path;

use lesson::hints::LEVELS;
use maud::{Markup, html};
use verdict::hints;

use crate::{
    Site,
    failure::Failure,
    lesson_text::lesson_page::{Draw, render},
};

/// The next hint.
///
/// # Errors
/// When a hint cannot be read.
pub fn hints(site: &Site) -> anyhow::Result<Markup> {
    let hints = hints::so_far(&site.scenario)?;
    let given = hints.iter().map(|hint| hint.level).max();
    let text = |text: &str| render(&site.scenario, text, Path::new(""), &Draw::AS_TEXT).body;
    Ok(html! {
        h2 { "Hints" }
        @for hint in &hints {
            @match hint.level.checked_sub(1) {
                None => p.soft { (hint.text) },
                Some(index) => details id={ "hint-" (hint.topic) "-" (hint.level) } open[Some(hint.level) == given] {
                    summary { (LEVELS[index]) span.soft { " · " (hint.level) " of " (LEVELS.len()) " on " (hint.topic) } }
                    (text(&hint.text))
                },
            }
        }
        @if given.is_none_or(|level| 0 < level && level < LEVELS.len()) {
            form.inline method="post" action="/do/hint" {
                button #next-hint accesskey="h" { @if given.is_some() { "Give me the next hint" } @else { "Give me a hint" } }
                @if given.is_none() { span.soft { "from a nudge to the answer, in four steps" } }
            }
        }
    })
}

/// Gives the next one.
///
/// # Errors
/// When there is no hint to give: the message says why.
pub fn next(site: &Site) -> Result<(), Failure> {
    let hint = hints::next(&site.scenario)?;
    if hint.level == 0 { Err(Failure::conflict(hint.text)) } else { Ok(()) }
}
