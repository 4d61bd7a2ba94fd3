//! What is read from Markdown's events.

use std::ops::Range;

use pulldown_cmark::{Event, html::push_html};

/// Where something stands in a text, in bytes.
pub type Place = Range<usize>;

/// The text up to the end of what has just begun.
pub fn inner_text(events: &[(Event, Place)]) -> String {
    let mut depth = 0;
    let mut text = String::new();
    for (event, _) in events {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) if depth == 0 => break,
            Event::End(_) => depth -= 1,
            Event::Text(words) | Event::Code(words) => text.push_str(words),
            Event::SoftBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

/// `Step 1: Read the code` becomes `step-1-read-the-code`.
pub fn slug(words: &str) -> String {
    let parts = words.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}

/// `events` as HTML.
pub fn to_html<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut html = String::new();
    push_html(&mut html, events);
    // The corner of a table heads nothing, and a screen reader would say that it does.
    html.replace("<th></th>", "<td></td>")
}
