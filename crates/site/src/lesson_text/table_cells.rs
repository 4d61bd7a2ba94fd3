//! What the learner writes into a table by hand: that which no run knows, and what to correct. As with an answer, not one
//! byte beside it changes.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context;
use lesson::Figures;
use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

use crate::lesson_text::{
    markdown::to_html,
    tables::{self, Table, cells},
};

/// The table, with a field in each cell but those that name their row or column.
pub fn fields(table: &Table) -> Markup {
    let lines: Vec<&str> = table.text.lines().collect();
    let mut events = Parser::new_ext(&table.text, Options::ENABLE_TABLES);
    let (mut line, mut column, mut shown) = (0, 0, Vec::new());
    while let Some(event) = events.next() {
        match event {
            // The head is line 0, and below it is a line of dashes.
            Event::Start(Tag::TableRow) => (line, column) = (if line == 0 { 2 } else { line + 1 }, 0),
            Event::End(TagEnd::TableCell) => column += 1,
            Event::Html(code) | Event::InlineHtml(code) => {
                shown.push(Event::Text(code));
                continue;
            }
            Event::Start(Tag::TableCell) if line > 0 && column > 0 => {
                for _ in events.by_ref().take_while(|event| *event != Event::End(TagEnd::TableCell)) {}
                let text = lines.get(line).copied().unwrap_or_default();
                let value = cells(text).nth(column).map(|place| text[place].trim().replace(r"\|", "|"));
                let name = format!("cell-{line}-{column}");
                let field = html! {
                    td {
                        input #{ (table.id) "-" (name) } name=(name) value=(value.unwrap_or_default())
                            aria-label={ (label_part(lines[0], column)) ", " (label_part(text, 0)) } autocomplete="off" placeholder=" ";
                    }
                };
                shown.push(Event::Html(CowStr::from(field.into_string())));
                column += 1;
                continue;
            }
            _ => {}
        }
        shown.push(event);
    }
    let body = to_html(shown.into_iter());
    html! {
        form.cells method="post" action="/do/cells" {
            input type="hidden" name="id" value=(table.id);
            input type="hidden" name="was" value=(table.version());
            div.scroll tabindex="0" { (PreEscaped(body)) }
            button { "Save the table" }
        }
    }
}

/// The words of a cell.
fn label_part(line: &str, column: usize) -> &str {
    cells(line).nth(column).map(|place| line[place].trim()).unwrap_or_default()
}

/// Writes what `fields` hold (`cell-2-1`: line and column) into the table `id` of the file at `path`, which must still be
/// version `was`; returns the new version.
///
/// # Errors
/// When the table has changed, or the file cannot be written: the file is then unchanged.
pub fn write(
    path: &Path,
    figures: &Figures,
    id: &str,
    was: &str,
    fields: &BTreeMap<String, String>,
) -> anyhow::Result<String> {
    let lesson = tables::replace(path, figures, id, was, |table| Ok(written(&table.text, fields)))?;
    let table = tables::find(&lesson, figures).into_iter().find(|table| table.id == id);
    Ok(table.context("cannot find the table in the lesson; this is a bug in the lab")?.version())
}

fn written(table: &str, fields: &BTreeMap<String, String>) -> String {
    let mut table = table.to_owned();
    // From the last to the first: those before stay where they are.
    let mut start = table.len();
    for (line, text) in table.clone().split_inclusive('\n').enumerate().collect::<Vec<_>>().into_iter().rev()
    {
        start -= text.len();
        for (column, place) in cells(text).enumerate().collect::<Vec<_>>().into_iter().rev() {
            let field = fields.get(&format!("cell-{line}-{column}")).filter(|_| line >= 2 && column > 0);
            let Some(value) = field.map(|field| in_a_cell(field)) else { continue };
            if value != text[place.clone()].trim() {
                let value = if value.is_empty() { " ".to_owned() } else { format!(" {value} ") };
                table.replace_range(start + place.start..start + place.end, &value);
            }
        }
    }
    table
}

/// In one line, and with no bar that would end the cell.
fn in_a_cell(text: &str) -> String {
    let words: Vec<_> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|it| !it.is_empty()).collect();
    words.join(" ").replace(r"\|", "|").replace('|', r"\|")
}

#[cfg(test)]
mod tests {
    use lesson::Figure;

    use super::*;

    const TABLE: &str =
        "| | Yours |\n|---|---|\n| connections `x` | 3 |\n| time held | |\n| successes per second | |\n";

    fn figures() -> Figures {
        [("successes per second".to_owned(), Figure::OkPerS)].into()
    }

    fn with(cell: &str, value: &str) -> String {
        written(TABLE, &[(cell.to_owned(), value.to_owned())].into())
    }

    #[test]
    fn a_cell_changes_and_nothing_else() {
        assert_eq!(with("cell-3-1", "0.037"), TABLE.replace("held | |", "held | 0.037 |"));
        assert_eq!(
            written(&with("cell-3-1", "0.037"), &[("cell-3-1".to_owned(), String::new())].into()),
            TABLE
        );
        for cell in ["cell-0-1", "cell-1-1", "cell-2-0", "cell-9-1", "cell-2-9", "id", "cell-3-1"] {
            assert_eq!(with(cell, if cell == "cell-3-1" { " " } else { "x" }), TABLE, "{cell}");
        }
    }

    #[test]
    fn whatever_a_cell_holds_the_table_stays_one() {
        for (typed, kept) in [
            ("a | b", r"a \| b"),
            (r"a \| b", r"a \| b"),
            ("a\r\n| b |", r"a \| b \|"),
            ("<b>", "<b>"),
            ("\0\u{7f}x", "x"),
            ("|---|", r"\|---\|"),
        ] {
            let table = with("cell-3-1", typed);
            assert_eq!(table, TABLE.replace("held | |", &format!("held | {kept} |")));
            let found = tables::find(&table, &figures());
            let shown = fields(&found[0]).into_string();
            assert_eq!((found.len(), shown.matches("<input").count()), (1, 5), "{shown}");
            assert!(!shown.contains("<b>"), "{shown}");
        }
    }

    #[test]
    fn the_page_shows_what_the_file_holds() {
        let shown = fields(&tables::find(&with("cell-3-1", "a \"|\" b"), &figures())[0]).into_string();
        assert!(shown.contains("<td>connections <code>x</code></td>"), "{shown}");
        assert!(
            shown.contains(r#"name="cell-2-1" value="3" aria-label="Yours, connections `x`""#),
            "{shown}"
        );
        assert!(shown.contains(r#"name="cell-3-1" value="a &quot;|&quot; b""#), "{shown}");
    }
}
