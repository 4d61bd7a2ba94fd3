//! The lesson's text as a page: its diagrams and links lead somewhere, its commands can be run, its questions answered.

use std::path::{Component, Path, PathBuf};

use lesson::Figures;
use maud::{Markup, PreEscaped, html};
use project::Scenario;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::lesson_text::{
    addresses::Addresses,
    answers::{self, Answer},
    command_links,
    commands::Typed,
    file,
    glossary::Glossary,
    markdown::{inner_text, slug, to_html},
    sections::{self, Section},
    short_name::Names,
    syntax::colored,
    tables::{self, Table},
};

/// A text, and its sections.
pub struct Text {
    pub body: Markup,
    pub sections: Vec<Section>,
}

/// What draws that with which the reader can do something.
pub struct Draw<'a> {
    pub command: &'a dyn Fn(&Typed) -> Markup,
    pub answer: &'a dyn Fn(&Answer) -> Markup,
    pub table: &'a dyn Fn(&Table) -> Markup,
    /// By which tables are known that a run fills.
    pub figures: &'a Figures,
    /// Whose terms are explained.
    pub glossary: &'a Glossary,
    /// Whether each section ends with links to its neighbours.
    pub has_steps: bool,
}

impl Draw<'_> {
    /// Only to read.
    pub const AS_TEXT: Draw<'static> = Draw {
        command: &|typed| html! { pre tabindex="0" { code { (typed.text) } } },
        answer: &|answer| html! { pre tabindex="0" { (answer.label) "\n" (answer.text) } },
        table: &|table| PreEscaped(table.shown()),
        figures: &Figures::new(),
        glossary: &Glossary::EMPTY,
        has_steps: false,
    };
}

/// Renders `text`, a file in the folder `dir` of the checkout.
pub fn render(scenario: &Scenario, text: &str, dir: &Path, draw: &Draw<'_>) -> Text {
    let answers = answers::find(text);
    let mut tables = tables::find(text, draw.figures).into_iter().peekable();
    let mut items = file::items(text).into_iter();
    let addresses = Addresses::of(scenario);
    let mut commands = commands(scenario, &addresses, text).into_iter();
    let mut is_link = false;
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let events: Vec<_> = Parser::new_ext(text, options).into_offset_iter().collect();
    let sections = sections::find(&events, &answers);
    let mut answers = answers.into_iter().peekable();
    let mut begun = 0;
    let steps = |at| Event::Html(sections::neighbours(&sections, at).into_string().into());
    let mut shown = Vec::new();
    let mut at = 0;
    while let Some((event, place)) = events.get(at) {
        at += 1;
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let id = slug(&inner_text(&events[at..]));
                if *level == HeadingLevel::H2 {
                    if draw.has_steps && begun > 0 {
                        shown.push(steps(begun - 1));
                    }
                    begun += 1;
                }
                let (level, classes, attrs) = (*level, Vec::new(), Vec::new());
                shown.push(Event::Start(Tag::Heading { level, id: Some(id.into()), classes, attrs }));
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let code = inner_text(&events[at..]);
                at += events[at..]
                    .iter()
                    .take_while(|(event, _)| !matches!(event, Event::End(TagEnd::CodeBlock)))
                    .count()
                    + 1;
                let language = match kind {
                    CodeBlockKind::Fenced(language) => &**language,
                    CodeBlockKind::Indented => "",
                };
                let block = match answers.next_if(|answer| answer.place.start == place.start) {
                    Some(answered) => (draw.answer)(&answered),
                    None if language == "bash" => {
                        commands.next().map(|typed| (draw.command)(&typed)).unwrap_or_default()
                    }
                    None => html! {
                        figure.command.code {
                            pre tabindex="0" { code { (colored(&code, language)) } }
                            div.buttons { button.copy type="button" aria-label="Copy this block" { "Copy" } }
                        }
                    },
                };
                shown.push(Event::Html(block.into_string().into()));
            }
            Event::Start(Tag::Link { dest_url, title, link_type, id }) => {
                is_link = true;
                let dest_url = addresses.real(&target(dir, dest_url)).into();
                let (link_type, title, id) = (*link_type, title.clone(), id.clone());
                shown.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Event::End(TagEnd::Link) => {
                is_link = false;
                shown.push(event.clone());
            }
            Event::Text(words) if is_link => shown.push(Event::Text(addresses.real(words).into())),
            Event::Code(words) if !is_link && let Some(place) = command_links::of(words) => {
                let link = html! { a.place href=(place) { code { (words) } } };
                shown.push(Event::InlineHtml(link.into_string().into()));
            }
            Event::Start(Tag::Image { dest_url, title, link_type, id }) => {
                let dest_url = target(dir, dest_url).replacen("/file/", "/picture/", 1).into();
                let (link_type, title, id) = (*link_type, title.clone(), id.clone());
                shown.push(Event::Start(Tag::Image { link_type, dest_url, title, id }));
            }
            Event::Start(Tag::Table(_))
                if tables.peek().is_some_and(|table| table.place.start == place.start) =>
            {
                at += events[at..]
                    .iter()
                    .take_while(|(event, _)| !matches!(event, Event::End(TagEnd::Table)))
                    .count()
                    + 1;
                let table = tables.next().map(|table| (draw.table)(&table)).unwrap_or_default();
                shown.push(Event::Html(table.into_string().into()));
            }
            Event::Start(Tag::Table(_)) => {
                shown.push(Event::Html("<div class=\"scroll\" tabindex=\"0\">".into()));
                shown.push(event.clone());
            }
            Event::End(TagEnd::Table) => {
                shown.push(event.clone());
                shown.push(Event::Html("</div>".into()));
            }
            Event::TaskListMarker(done) => {
                let id = items.next().map(|item| item.id).unwrap_or_default();
                let button = html! {
                    button.tick form="tick" name="item" value=(id) role="checkbox" aria-checked=(done) aria-label="done" {}
                };
                shown.push(Event::InlineHtml(button.into_string().into()));
            }
            // What is between `<!-- -->` is for `cargo xtask tidy`; other HTML is shown as text.
            Event::Html(code) | Event::InlineHtml(code) => {
                if !code.trim_start().starts_with("<!--") {
                    shown.push(Event::Text(code.clone()));
                }
            }
            other => shown.push(other.clone()),
        }
    }
    if draw.has_steps && begun > 0 {
        shown.push(steps(begun - 1));
    }
    let body = PreEscaped(to_html(draw.glossary.link(shown).into_iter()));
    Text { body, sections }
}

/// The blocks of commands in `text`. One that stands there twice has two names.
pub fn commands(scenario: &Scenario, addresses: &Addresses, text: &str) -> Vec<Typed> {
    let events: Vec<_> = Parser::new(text).into_offset_iter().collect();
    let is_bash = |event: &Event| matches!(event, Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if &**language == "bash");
    let starts = events.iter().enumerate().filter(|(_, (event, _))| is_bash(event));
    let mut names = Names::default();
    let typed = starts.map(|(at, _)| {
        let text = inner_text(&events[at + 1..]);
        let mut typed = Typed::new(scenario, addresses, text.trim_end());
        typed.id = names.of(text.trim_end());
        typed
    });
    typed.collect()
}

/// Where a link leads: a file of the checkout has a page of its own. Schemes other than those of the web lead nowhere.
fn target(dir: &Path, link: &str) -> String {
    if link.starts_with("http://") || link.starts_with("https://") || link.starts_with('#') {
        return link.to_owned();
    }
    if link.contains(':') {
        return "#".to_owned();
    }
    let path = link.split('#').next().unwrap_or_default();
    let mut whole = PathBuf::new();
    for component in dir.join(path).components() {
        match component {
            Component::ParentDir => drop(whole.pop()),
            Component::Normal(name) => whole.push(name),
            _ => {}
        }
    }
    format!("/file/{}", whole.display())
}

#[cfg(test)]
mod tests;
