//! The terms of the lessons, from `docs/glossary.md`: each is explained where a lesson says it for the first time.

use std::path::Path;

use maud::html;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Parser, Tag, TagEnd};

use crate::lesson_text::{file, markdown::slug};

/// All terms.
#[derive(Debug, Default)]
pub struct Glossary(Vec<Entry>);

/// One of them.
#[derive(Debug)]
struct Entry {
    /// How it is written, in the plural too, in small letters: `index`, `indexes`.
    words: Vec<String>,
    /// Its anchor on the page of all terms.
    id: String,
    /// The first paragraph below its heading.
    meaning: String,
}

impl Glossary {
    /// Where it is, from the checkout's top.
    pub const FILE: &str = "docs/glossary.md";

    /// Without terms.
    pub const EMPTY: Self = Self(Vec::new());

    /// The terms in the glossary of the checkout at `root`; no terms if that file cannot be read.
    pub fn read(root: &Path) -> Self {
        Self::of(&file::read(&root.join(Self::FILE)).unwrap_or_default())
    }

    /// The headings of the second level in `text`, with commas between the words of one term.
    fn of(text: &str) -> Self {
        let mut entries: Vec<Entry> = Vec::new();
        let (mut heading, mut paragraph) = (None, None);
        for event in Parser::new(text) {
            match event {
                Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => heading = Some(String::new()),
                Event::Start(Tag::Paragraph) => paragraph = Some(String::new()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(words) = heading.as_mut().or(paragraph.as_mut()) {
                        words.push_str(&text);
                    }
                }
                Event::SoftBreak => paragraph.get_or_insert_default().push(' '),
                Event::End(TagEnd::Heading(_)) => {
                    if let Some(title) = heading.take() {
                        let words = title.split(", ").map(str::to_ascii_lowercase).collect();
                        entries.push(Entry { words, id: slug(&title), meaning: String::new() });
                    }
                }
                Event::End(TagEnd::Paragraph) => {
                    let entry = entries.last_mut().filter(|entry| entry.meaning.is_empty());
                    if let Some((entry, meaning)) = entry.zip(paragraph.take()) {
                        entry.meaning = meaning;
                    }
                }
                _ => {}
            }
        }
        Self(entries)
    }

    /// Links the first mention of each term in the sentences of `events`; links, code and headings stay as they are.
    pub fn link<'a>(&self, events: Vec<Event<'a>>) -> Vec<Event<'a>> {
        let mut linked = Vec::with_capacity(events.len());
        let mut left: Vec<&Entry> = self.0.iter().collect();
        let mut inside = 0;
        for event in events {
            match &event {
                Event::Start(
                    Tag::Link { .. } | Tag::Heading { .. } | Tag::Image { .. } | Tag::CodeBlock(_),
                ) => inside += 1,
                Event::End(TagEnd::Link | TagEnd::Heading(_) | TagEnd::Image | TagEnd::CodeBlock) => {
                    inside -= 1
                }
                _ => {}
            }
            match event {
                Event::Text(text) if inside == 0 => linked.extend(explained(&text, &mut left)),
                other => linked.push(other),
            }
        }
        linked
    }
}

/// `text` with links for the terms that it is the first to mention, which are no longer `left` then.
fn explained(text: &str, left: &mut Vec<&Entry>) -> Vec<Event<'static>> {
    // Once, and not for each word of each term.
    let lower = text.to_ascii_lowercase();
    let first = left.iter().enumerate().filter_map(|(at, entry)| {
        let places = entry.words.iter().filter_map(|word| Some((find(&lower, word)?, word.len())));
        places.min().map(|(start, length)| (start, length, at))
    });
    let Some((start, length, at)) = first.min_by_key(|(start, length, _)| (*start, usize::MAX - length))
    else {
        return vec![Event::Text(CowStr::from(text.to_owned()))];
    };
    let Entry { id, meaning, .. } = left.remove(at);
    let (before, rest) = text.split_at(start);
    let (word, after) = rest.split_at(length);
    let link = html! { a.term href={ "/glossary#" (id) } title=(meaning) { (word) } };
    let mut events =
        vec![Event::Text(before.to_owned().into()), Event::InlineHtml(link.into_string().into())];
    events.extend(explained(after, left));
    events
}

/// Where `word` stands in `lower`, whole; both are in small letters.
fn find(lower: &str, word: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let places = lower.match_indices(word).map(|(start, _)| start);
    places.into_iter().find(|start| {
        let (before, after) = (&lower[..*start], &lower[start + word.len()..]);
        // No part of `p99.9`.
        let decimals = after.strip_prefix('.').unwrap_or_default().starts_with(|c: char| c.is_ascii_digit());
        !before.ends_with(is_part) && !after.starts_with(is_part) && !decimals
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Glossary\n\nWords.\n\n## index, indexes\n\nA sorted `copy` of\na column.\n\nMore.\n\n## p99\n\nOf 100.\n";

    fn linked(text: &str) -> String {
        let events = Glossary::of(TEXT).link(Parser::new(text).collect());
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, events.into_iter());
        html
    }

    #[test]
    fn the_first_mention_of_a_term_is_a_link_with_its_meaning() {
        assert_eq!(
            linked("Reindex two Indexes: the p99 of an index."),
            "<p>Reindex two <a class=\"term\" href=\"/glossary#index-indexes\" title=\"A sorted copy of a column.\">Indexes</a>: \
             the <a class=\"term\" href=\"/glossary#p99\" title=\"Of 100.\">p99</a> of an index.</p>\n"
        );
    }

    #[test]
    fn headings_links_and_code_stay_as_they_are() {
        for text in
            ["## An index", "[an index](x)", "`index`", "p99.9-index p999 index_of", "```\nindex\n```"]
        {
            assert!(!linked(text).contains("term"), "{text}: {}", linked(text));
        }
    }
}
