//! Phrases that must not come back into what people read: help, messages, pages, snapshots of output.
//!
//! `crates/xtask/words.toml` lists them with what to write instead.

use std::{collections::BTreeMap, process::Command};

use anyhow::{Context, ensure};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde::Deserialize;

use super::{
    Finding, files,
    tokens::{self, Kind, Tests, Token},
};
use crate::files::read;

const LIST: &str = "crates/xtask/words.toml";

/// `words.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// A phrase, and what to write instead.
    pub phrases: BTreeMap<String, String>,
    /// The name of a module or a type, and a better one.
    pub names: BTreeMap<String, String>,
    /// Where one of them is right.
    pub exceptions: Vec<Exception>,
}

/// A file in which a phrase or a name is right.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    file: String,
    text: String,
    #[expect(dead_code, reason = "it is for those who read the list, and must not be missing")]
    reason: String,
}

impl Words {
    /// Reads the list.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read() -> anyhow::Result<Self> {
        toml::from_str(&read(LIST)?).with_context(|| format!("cannot understand {LIST}"))
    }

    /// Whether `text` is right in `file`.
    pub fn allow(&self, file: &str, text: &str) -> bool {
        self.exceptions.iter().any(|exception| exception.file == file && exception.text == text)
    }
}

pub fn check() -> anyhow::Result<Vec<Finding>> {
    let words = Words::read()?;
    let mut findings = Vec::new();
    for file in files("crates/*.rs")? {
        let tokens = tokens::read(&read(&file)?, Tests::Keep).with_context(|| file.clone())?;
        for Token { kind, line } in tokens {
            if let Kind::Text(text) = kind {
                findings.extend(in_text(&words, &file, line, &text));
            }
        }
    }
    for file in files("*.md")? {
        for (line, text) in prose(&read(&file)?) {
            findings.extend(in_text(&words, &file, line, &text));
        }
    }
    for (command, help) in helps()? {
        findings.extend(in_text(&words, &command, 0, &help));
    }
    Ok(findings)
}

/// The phrases in `text`, whole words only, without regard to capitals and line breaks.
fn in_text(words: &Words, file: &str, line: usize, text: &str) -> Vec<Finding> {
    let text = plain(text);
    let found = words.phrases.iter().filter(|(phrase, _)| text.contains(&plain(phrase)));
    found
        .filter(|(phrase, _)| !words.allow(file, phrase))
        .map(|(phrase, instead)| Finding {
            place: format!("{file}:{line}"),
            wrong: format!("says \"{phrase}\""),
            advice: format!("Write: {instead}"),
            heading: "phrases",
        })
        .collect()
}

/// Lower case, one space on each side of a word, no punctuation marks.
fn plain(text: &str) -> String {
    let is_mark = |c: char| c.is_whitespace() || ",.;:!?()\"*`".contains(c);
    let words: Vec<_> = text.split(is_mark).filter(|word| !word.is_empty()).collect();
    format!(" {} ", words.join(" ").to_lowercase())
}

/// What a page says outside of code and quotes, by paragraph, with its line.
fn prose(page: &str) -> Vec<(usize, String)> {
    let mut paragraphs = Vec::new();
    let mut depth = 0;
    for (event, range) in Parser::new(page).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::BlockQuote(_)) => depth += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::BlockQuote(_)) => depth -= 1,
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::Item | Tag::TableCell) => {
                paragraphs.push((page[..range.start].matches('\n').count() + 1, String::new()));
            }
            Event::Text(text) if depth == 0 => {
                if let Some((_, paragraph)) = paragraphs.last_mut() {
                    *paragraph += &text;
                }
            }
            // Code says nothing, and what is before it and after it is no phrase.
            Event::Code(_) => paragraphs.extend(paragraphs.last().map(|(line, _)| (*line, String::new()))),
            Event::SoftBreak | Event::HardBreak => {
                if let Some((_, paragraph)) = paragraphs.last_mut() {
                    paragraph.push(' ');
                }
            }
            _ => {}
        }
    }
    paragraphs
}

/// The help of `lab` and of each of its verbs, as it prints them.
fn helps() -> anyhow::Result<Vec<(String, String)>> {
    let help = |verb: &[&str]| {
        let mut command = Command::new("cargo");
        let output = command.arg("lab").args(verb).arg("--help").output().context("cannot run cargo lab")?;
        ensure!(output.status.success(), "cargo lab --help: {}", String::from_utf8_lossy(&output.stderr));
        anyhow::Ok((
            format!("lab {}", [verb, &["--help"]].concat().join(" ")),
            String::from_utf8(output.stdout)?,
        ))
    };
    let all = help(&[])?;
    let verbs = all.1.split_once("Commands:").context("lab --help lists no commands")?.1;
    let verbs = verbs.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let verbs = verbs.filter(|verb| verb.starts_with(|c: char| c.is_ascii_lowercase()));
    let mut helps: Vec<_> = verbs.map(|verb| help(&[verb])).collect::<anyhow::Result<_>>()?;
    helps.push(all);
    Ok(helps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_found_across_lines_and_not_in_parts_of_words() {
        let words = Words {
            phrases: [("at work".to_owned(), "busy".to_owned())].into(),
            names: BTreeMap::new(),
            exceptions: Vec::new(),
        };
        let count = |page: &str| {
            let found = prose(page).into_iter().flat_map(|(line, text)| in_text(&words, "x.md", line, &text));
            found.map(|finding| finding.place).collect::<Vec<_>>()
        };
        assert_eq!(count("# A\n\nTwo were At\nwork."), ["x.md:3"]);
        assert!(count("Not at workplaces, and not `at work`.\n\n> at work\n\n```\nat work\n```").is_empty());
    }
}
