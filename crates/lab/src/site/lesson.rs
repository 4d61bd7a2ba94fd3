//! The lesson's text as a page: its diagrams and links lead somewhere, its commands can be run, its questions answered.

use std::path::{Component, Path, PathBuf};

use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd, html::push_html};

use super::{
    answers::{self, Answer},
    commands::Typed,
    file,
    tables::{self, Table},
};
use crate::project::Scenario;

/// A text, and the headings of its sections.
pub struct Text {
    pub body: Markup,
    /// Names of places, and what they are called.
    pub sections: Vec<(String, String)>,
}

/// What draws that with which the reader can do something.
pub struct Draw<'a> {
    pub command: &'a dyn Fn(&Typed) -> Markup,
    pub answer: &'a dyn Fn(&Answer) -> Markup,
    pub table: &'a dyn Fn(&Table) -> Markup,
}

impl Draw<'_> {
    /// Only to read.
    pub const AS_TEXT: Draw<'static> = Draw {
        command: &|typed| html! { pre tabindex="0" { code { (typed.text) } } },
        answer: &|answer| html! { pre tabindex="0" { (answer.label) "\n" (answer.text) } },
        table: &|table| PreEscaped(table.shown()),
    };
}

/// Renders `text`, a file in the folder `dir` of the checkout.
pub fn render(scenario: &Scenario, text: &str, dir: &Path, draw: &Draw<'_>) -> Text {
    let mut answers = answers::find(text).into_iter().peekable();
    let mut tables = tables::find(text).into_iter().peekable();
    let mut items = file::items(text).into_iter();
    let mut sections = Vec::new();
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let events: Vec<_> = Parser::new_ext(text, options).into_offset_iter().collect();
    let mut shown = Vec::new();
    let mut at = 0;
    while let Some((event, place)) = events.get(at) {
        at += 1;
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let words = inner_text(&events[at..]);
                let id = slug(&words);
                if *level == pulldown_cmark::HeadingLevel::H2 {
                    sections.push((id.clone(), words));
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
                    None if language == "bash" => (draw.command)(&Typed::new(scenario, code.trim_end())),
                    None => html! { pre tabindex="0" { code { (code) } } },
                };
                shown.push(Event::Html(block.into_string().into()));
            }
            Event::Start(Tag::Link { dest_url, title, link_type, id }) => {
                let dest_url = target(dir, dest_url).into();
                let (link_type, title, id) = (*link_type, title.clone(), id.clone());
                shown.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
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
            // What is between `<!-- -->` is for `lab tidy`; other HTML is shown as what it is: text.
            Event::Html(code) | Event::InlineHtml(code) => {
                if !code.trim_start().starts_with("<!--") {
                    shown.push(Event::Text(code.clone()));
                }
            }
            other => shown.push(other.clone()),
        }
    }
    let mut body = String::new();
    push_html(&mut body, shown.into_iter());
    Text { body: PreEscaped(body), sections }
}

/// The blocks of commands in `text`.
pub fn commands(scenario: &Scenario, text: &str) -> Vec<Typed> {
    let events: Vec<_> = Parser::new(text).into_offset_iter().collect();
    let is_bash = |event: &Event| matches!(event, Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if &**language == "bash");
    let starts = events.iter().enumerate().filter(|(_, (event, _))| is_bash(event));
    starts.map(|(at, _)| Typed::new(scenario, inner_text(&events[at + 1..]).trim_end())).collect()
}

/// The text up to the end of what has just begun.
fn inner_text(events: &[(Event, std::ops::Range<usize>)]) -> String {
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
mod tests {
    use super::*;

    fn rendered(text: &str) -> String {
        let scenario = Scenario { number: 1, root: "/checkout".into(), lab_dir: "/checkout/.lab".into() };
        render(&scenario, text, Path::new("docs/scenario-1"), &Draw::AS_TEXT).body.into_string()
    }

    #[test]
    fn links_lead_to_pages_of_files_and_pictures_are_found() {
        assert_eq!(rendered("[x](../../crates/a.rs#L3)"), "<p><a href=\"/file/crates/a.rs\">x</a></p>\n");
        assert_eq!(
            rendered("![x](assets/a.svg)"),
            "<p><img src=\"/picture/docs/scenario-1/assets/a.svg\" alt=\"x\" /></p>\n"
        );
        assert_eq!(
            rendered("[x](#there) <http://127.0.0.1:3000/>"),
            "<p><a href=\"#there\">x</a> <a href=\"http://127.0.0.1:3000/\">http://127.0.0.1:3000/</a></p>\n"
        );
    }

    #[test]
    fn no_text_becomes_markup() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "```\n</code><script>\n```",
            "`<b>`",
            "```bash\n<script>\n```",
            "```text\nYour answer:\n<script>\n```",
            "# <script>x</script>",
            "| <script> |\n|---|\n| <b onclick=x> |",
            "<!-- --><script>",
            "<!-- x --><b>",
        ] {
            let shown = rendered(text);
            for wrong in ["<script", "<img", "<b>", "<b ", "onerror=\""] {
                assert!(!shown.contains(wrong), "{text}: {shown}");
            }
        }
        for link in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
        ] {
            assert_eq!(rendered(&format!("[x]({link})")), "<p><a href=\"#\">x</a></p>\n");
        }
    }

    #[test]
    fn a_place_is_named_after_its_heading() {
        assert_eq!(
            rendered("## Step 1: Read the `code`"),
            "<h2 id=\"step-1-read-the-code\">Step 1: Read the <code>code</code></h2>\n"
        );
    }
}
