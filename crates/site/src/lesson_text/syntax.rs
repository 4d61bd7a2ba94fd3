//! Code in colours. The library marks the parts of speech with classes, and the page's style gives them colours.

use maud::{Markup, PreEscaped};
use oxidoc_highlight::{highlight, is_supported};

/// `code` in `language` (`rust`, `sql`, `yaml`, …); plain where the language is not known.
pub fn colored(code: &str, language: &str) -> Markup {
    match is_supported(language) {
        true => PreEscaped(highlight(code, language)),
        false => maud::html! { (code) },
    }
}

/// The same line by line, each with all its marks.
pub fn colored_lines(code: &str, language: &str) -> Vec<Markup> {
    let mut open = None;
    let whole = colored(code, language).into_string();
    // A mark may end after the last line.
    let lines = whole.lines().take(code.lines().count());
    lines.map(|line| PreEscaped(closed(line, &mut open))).collect()
}

/// `line` with the mark that is still `open` from the lines before it. Marks do not contain others.
fn closed<'a>(line: &'a str, open: &mut Option<&'a str>) -> String {
    const END: &str = "</span>";
    let begun = open.unwrap_or_default();
    if let Some(start) = line.rfind("<span ").filter(|start| !line[*start..].contains(END)) {
        *open = line[start..].split_inclusive('>').next();
    } else if line.contains(END) {
        *open = None;
    }
    let end = if open.is_some() { END } else { "" };
    format!("{begun}{line}{end}")
}

/// The language of a file, by the end of its name; empty if it has none.
pub fn language_of(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("rs") => "rust",
        Some("sql") => "sql",
        Some("toml") => "toml",
        Some("yml" | "yaml") => "yaml",
        Some("json") => "json",
        Some("sh") => "bash",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a browser shows.
    fn shown(markup: &str) -> String {
        let without_marks = markup.split('<').enumerate().map(|(place, part)| match place {
            0 => part,
            _ => part.split_once('>').expect("a mark ends").1,
        });
        let text: String = without_marks.collect();
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    #[test]
    fn a_mark_over_several_lines_is_closed_in_each() {
        let lines = colored_lines("/* one\ntwo */ let x\n\"a\nb\";", "rust");
        let lines: Vec<_> = lines.into_iter().map(PreEscaped::into_string).collect();
        assert_eq!(lines[0], r#"<span class="tok-comment">/* one</span>"#);
        assert!(
            lines[1].starts_with(r#"<span class="tok-comment">two */</span> <span class="tok-keyword">let"#)
        );
        assert_eq!(lines[2], r#"<span class="tok-string">&quot;a</span>"#);
        assert!(lines[3].starts_with(r#"<span class="tok-string">b&quot;</span>"#), "{}", lines[3]);
    }

    proptest! {
        #[test]
        fn colours_change_no_letter(
            code in "([a-z<>&\"'/*#-]|\\PC|\n| |r#|//|/\\*|--|'a|b'){0,80}",
            language in prop::sample::select(vec!["rust", "sql", "toml", "yaml", "json", "bash", "diff", "nginx", ""]),
        ) {
            prop_assert_eq!(shown(&colored(&code, language).into_string()), code.clone());
            let lines = colored_lines(&code, language).into_iter().map(|line| shown(&line.into_string()));
            prop_assert_eq!(lines.collect::<Vec<_>>(), code.lines().map(str::to_owned).collect::<Vec<_>>());
        }
    }
}
