//! The last lines of the services' logs.

use std::sync::LazyLock;

use maud::{Markup, html};
use regex_lite::Regex;

use crate::log_line::{Level, LogLine};

/// Letters of a line that are shown. A request for something absurd would fill the page.
const LETTERS: usize = 600;

static REQUEST_ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"request_id="?([\w.-]+)"#).expect("a regular expression"));

/// Which lines are shown.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Letters that a line holds, capital or small; empty for all lines.
    pub find: String,
    /// How much a line matters at least; a line without a level is an error of a program that could not write one. `None`
    /// for all lines.
    pub least: Option<Level>,
}

impl Filter {
    /// Whether all lines are shown.
    pub fn is_empty(&self) -> bool {
        self.find.is_empty() && self.least.is_none()
    }

    /// Whether `line` is shown.
    pub fn shows(&self, line: &str) -> bool {
        let is_found = || line.to_lowercase().contains(&self.find.to_lowercase());
        let matters = |least| LogLine::read(line).level.is_none_or(|level| level <= least);
        (self.find.is_empty() || is_found()) && self.least.is_none_or(matters)
    }
}

/// The log of one service.
pub struct Tail {
    /// Whose.
    pub service: String,
    /// Its last lines, oldest first.
    pub lines: Vec<String>,
}

/// The logs one below the other, each in a box that scrolls.
pub fn logs(tails: &[Tail]) -> Markup {
    html! {
        @for Tail { service, lines } in tails {
            section.log aria-labelledby={ "log-of-" (service) } {
                h2 id={ "log-of-" (service) } { (service) }
                @if lines.is_empty() { p.soft { "The log is empty." } }
                @else {
                    ol.lines id={ "lines-of-" (service) } data-scroll tabindex="0" aria-label={ "The last lines of " (service) } {
                        @for line in lines { (draw_line(None, &LogLine::read(line))) }
                    }
                }
            }
        }
    }
}

/// A line of `service`'s log, or of the only one that is shown. An id of a request leads to that request.
pub fn draw_line(service: Option<&str>, line: &LogLine) -> Markup {
    let (word, class) = line.level.map_or(("", "plain"), |level| (level.word(), level.class()));
    let shown: String =
        line.text.chars().take(LETTERS).map(|c| if c.is_control() { '␦' } else { c }).collect();
    html! {
        li class=(class) {
            @if let Some(service) = service { b { (service) } " " }
            @if let Some(time) = &line.time { span.soft { (time) } " " }
            @if !word.is_empty() { span.level { (word) } " " }
            @match REQUEST_ID.captures(&shown).and_then(|found| found.get(1)) {
                Some(id) => {
                    (shown[..id.start()])
                    a href={ "/request?id=" (id.as_str()) } { (id.as_str()) }
                    (shown[id.end()..])
                },
                None => (shown),
            }
            @if line.text.chars().nth(LETTERS).is_some() { "…" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_their_words_and_their_level() {
        let lines = [
            "2026-11-24T06:11:05.1Z  INFO request id=\"Ab1\" status=200",
            "2026-11-24T06:11:05.2Z  WARN request id=\"ab1\" status=503",
            "2026/11/24 06:11:05 [error] 77#77: *1 connect() failed",
            "thread 'main' panicked at src/main.rs:7",
        ];
        let shown = |find: &str, least| {
            let filter = Filter { find: find.to_owned(), least };
            (0..lines.len()).filter(|&index| filter.shows(lines[index])).collect::<Vec<_>>()
        };
        assert_eq!(shown("", None), [0, 1, 2, 3]);
        assert_eq!(shown("AB1", None), [0, 1]);
        assert_eq!(shown("", Some(Level::Warning)), [1, 2, 3]);
        assert_eq!(shown("ab1", Some(Level::Error)), [0; 0]);
    }

    #[test]
    fn what_a_service_says_is_text_and_no_markup_and_has_an_end() {
        let lines =
            vec!["<script>alert(1)</script>\u{7}".to_owned(), "x".repeat(LETTERS), "y".repeat(LETTERS + 1)];
        let page = logs(&[Tail { service: "app".to_owned(), lines }]).into_string();
        assert!(
            !page.contains("<script>") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;␦"),
            "{page}"
        );
        assert!(page.contains(&format!("{}</li>", "x".repeat(LETTERS))), "{page}");
        assert!(page.contains(&format!("{}…</li>", "y".repeat(LETTERS))), "{page}");
    }
}
