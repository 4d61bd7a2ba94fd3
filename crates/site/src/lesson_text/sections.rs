//! The sections of a lesson: its contents list, how far the learner is in each, and the way from one to the next.

use maud::{Markup, html};
use pulldown_cmark::{Event, HeadingLevel, Tag};

use crate::lesson_text::{
    answers::Answer,
    markdown::{Place, inner_text, slug},
};

/// One of them.
#[derive(Debug, PartialEq)]
pub struct Section {
    /// Its anchor.
    pub id: String,
    /// Its heading.
    pub words: String,
    /// Questions and points of lists that wait for the learner.
    pub tasks: usize,
    /// How many of them are answered or ticked.
    pub done: usize,
}

/// The sections of a text with these `events` and `answers`.
pub fn find(events: &[(Event, Place)], answers: &[Answer]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (at, (event, place)) in events.iter().enumerate() {
        let is_done = match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                let words = inner_text(&events[at + 1..]);
                sections.push(Section { id: slug(&words), words, tasks: 0, done: 0 });
                continue;
            }
            Event::TaskListMarker(is_done) => *is_done,
            Event::Start(Tag::CodeBlock(_)) => {
                match answers.iter().find(|answer| answer.place.start == place.start) {
                    Some(answer) => !answer.text.trim().is_empty(),
                    None => continue,
                }
            }
            _ => continue,
        };
        if let Some(section) = sections.last_mut() {
            section.tasks += 1;
            section.done += usize::from(is_done);
        }
    }
    sections
}

/// The contents list: beside the text, or above it, folded, where there is no room beside it.
pub fn contents(sections: &[Section]) -> Markup {
    html! {
        nav.sections aria-label="Sections" { (list(sections)) }
        details.contents {
            summary { "Sections" span.here {} }
            nav aria-label="Sections" { (list(sections)) }
        }
    }
}

fn list(sections: &[Section]) -> Markup {
    html! {
            ol.toc {
                @for Section { id, words, tasks, done } in sections {
                    li {
                        a href={ "#" (id) } {
                            (words)
                            @if tasks > &0 {
                                span.soft title="answered or ticked" { " " (done) "/" (tasks) }
                            }
                        }
                    }
                }
            }
    }
}

/// At the end of the section `at`: the one before, and the one after.
pub fn neighbours(sections: &[Section], at: usize) -> Markup {
    let before = at.checked_sub(1).and_then(|before| sections.get(before));
    html! {
        nav.neighbours aria-label={ "From " (sections.get(at).map_or("", |section| &section.words)) } {
            @if let Some(Section { id, words, .. }) = before { a href={ "#" (id) } rel="prev" { "← " (words) } }
            @if let Some(Section { id, words, .. }) = sections.get(at + 1) { a href={ "#" (id) } rel="next" { (words) " →" } }
        }
    }
}
