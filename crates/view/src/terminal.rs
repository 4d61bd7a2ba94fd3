//! Text that fits into the terminal it is printed in: sentences wrap at its width, and what people copy stays whole.

use std::{
    io::{IsTerminal, stderr, stdout},
    os::fd::AsFd,
};

use anstream::adapter::strip_str;
use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use rustix::termios::tcgetwinsize;
use textwrap::{Options, WordSeparator, core::display_width};

use crate::{copied_commands::words_of, panel_text::Size};

/// Wider lines are hard to read.
const MOST: usize = 100;

/// How large standard output's terminal is; 80 by 24 if it does not say so.
pub fn size() -> Size {
    size_of(stdout())
}

fn size_of(terminal: impl AsFd) -> Size {
    match tcgetwinsize(terminal) {
        Ok(size) if size.ws_row > 0 && size.ws_col > 0 => {
            Size { rows: size.ws_row.into(), columns: size.ws_col.into() }
        }
        _ => Size { rows: 24, columns: 80 },
    }
}

/// How many columns standard output has; `None` where it is no terminal.
pub fn width() -> Option<usize> {
    stdout().is_terminal().then(|| size().columns)
}

/// How many columns standard error has; `None` where it is no terminal.
pub fn error_width() -> Option<usize> {
    stderr().is_terminal().then(|| size_of(stderr()).columns)
}

/// `text` in lines of at most `width` columns. Commands, addresses, tables and the output of other programs are never
/// broken.
pub fn fit(text: &str, width: usize) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| fit_line(line, width.min(MOST))).collect();
    lines.join("\n")
}

/// A table in Markdown. Where it is wider than the terminal, each row is a few lines instead: its first cell, and below it
/// the others, each after its title.
pub fn table(titles: &[&str], rows: &[Vec<String>], is_number: impl Fn(usize) -> bool) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(titles);
    table.add_rows(rows.iter().cloned());
    for (index, column) in table.column_iter_mut().enumerate() {
        if is_number(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let wide = table.to_string();
    let most = wide.lines().map(display_width).max().unwrap_or_default();
    if width().is_none_or(|columns| most <= columns) { wide } else { stacked(titles, rows) }
}

fn stacked(titles: &[&str], rows: &[Vec<String>]) -> String {
    let longest = titles.iter().skip(1).map(|title| title.len()).max().unwrap_or_default();
    let mut lines = Vec::new();
    for row in rows {
        lines.push(format!("{} {}", titles[0], row[0]).trim().to_owned());
        let cells = titles.iter().zip(row).skip(1);
        lines.extend(cells.map(|(title, cell)| format!("  {title:<longest$}  {cell}")));
    }
    lines.join("\n")
}

/// `text` with colours: verdicts, shares of success, warnings and the next step. Print it through `anstream`, which removes
/// the colours for `NO_COLOR` and for a terminal without colours.
pub fn coloured(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(coloured_line).collect();
    lines.join("\n")
}

/// What a line begins with, and the style of that word.
const WORDS: [(&str, Style); 6] = [
    ("PASS", AnsiColor::Green.on_default().bold()),
    ("FAIL", AnsiColor::Red.on_default().bold()),
    ("INCONCLUSIVE", AnsiColor::Yellow.on_default().bold()),
    ("Next:", AnsiColor::Cyan.on_default().bold()),
    ("Do not believe", AnsiColor::Yellow.on_default().bold()),
    ("bottleneck", Style::new().bold()),
];

fn coloured_line(line: &str) -> String {
    let start = line.trim_start();
    let indent = &line[..line.len() - start.len()];
    if let Some((word, style)) = WORDS.iter().find(|(word, _)| start.starts_with(word)) {
        return format!("{indent}{style}{word}{style:#}{}", &start[word.len()..]);
    }
    let share =
        start.strip_prefix("success rate").and_then(|rest| Some((rest, rest.trim_start().split_once(" %")?)));
    match share {
        Some((rest, (share, _))) => {
            let is_good = share.parse().is_ok_and(|share: f64| share >= 99.9);
            let style = if is_good { AnsiColor::Green } else { AnsiColor::Red }.on_default().bold();
            format!("{indent}success rate{style}{rest}{style:#}")
        }
        None => line.to_owned(),
    }
}

fn fit_line(line: &str, width: usize) -> String {
    if display_width(line) <= width || is_verbatim(line) {
        return line.to_owned();
    }
    let margin = " ".repeat(margin(line));
    let options = Options::new(width)
        .subsequent_indent(&margin)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::Custom(words_of));
    textwrap::fill(line, options)
}

/// Rows of tables, lines of programs and of the compiler.
fn is_verbatim(line: &str) -> bool {
    let start = line.trim_start();
    let number = start.trim_start_matches(|digit: char| digit.is_ascii_digit()).trim_start();
    [start, number].iter().any(|start| start.starts_with('|') || start.starts_with("+-"))
        || ["-->", "= ", "{", "error[", "diff ", "@@"].iter().any(|mark| start.starts_with(mark))
}

/// Where the lines after the first begin: below its text, which stands beside a short name or in a margin.
fn margin(line: &str) -> usize {
    let line = &*strip_str(line).to_string();
    let indent = line.len() - line.trim_start().len();
    let beside = line[indent..].find("  ").map(|gap| indent + gap);
    let text = beside.map(|gap| gap + (line[gap..].len() - line[gap..].trim_start().len()));
    // The options of a command are the longest names.
    text.filter(|text| *text <= 36).unwrap_or(indent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_wraps_below_its_beginning() {
        insta::assert_snapshot!(
            fit("  The bottleneck: connections ran out, because each request opens one of its own", 40),
            @r"
          The bottleneck: connections ran out,
          because each request opens one of its
          own
        ");
        insta::assert_snapshot!(
            fit("FAIL         Everybody is served: 0.1 % (at least 99.9 % of all requests)", 40), @r"
        FAIL         Everybody is served: 0.1 %
                     (at least 99.9 % of all
                     requests)
        ");
    }

    #[test]
    fn a_command_stays_in_one_line() {
        let text = "Next: see both side by side, with: cargo lab report 003 --duration 2m (stuck? make hint)";
        insta::assert_snapshot!(fit(text, 40), @r"
        Next: see both side by side, with:
        cargo lab report 003 --duration 2m
        (stuck? make hint)
        ");
        insta::assert_snapshot!(fit("nginx is missing; install it with: sudo apt-get install --yes nginx", 30), @r"
        nginx is missing; install it
        with:
        sudo apt-get install --yes nginx
        ");
        insta::assert_snapshot!(fit("run `make down`, then `make scenario-1`, and look", 30), @r"
        run `make down`, then
        `make scenario-1`, and look
        ");
    }

    #[test]
    fn a_table_that_is_too_wide_has_its_rows_below_each_other() {
        let row = ["003", "starter", "99.9 %"].map(str::to_owned).to_vec();
        insta::assert_snapshot!(stacked(&["Run", "Program", "Success"], &[row]), @r"
        Run 003
          Program  starter
          Success  99.9 %
        ");
    }

    #[test]
    fn verdicts_have_colours() {
        assert_eq!(coloured("PASS         x"), "\u{1b}[1m\u{1b}[32mPASS\u{1b}[0m         x");
        assert!(coloured("  success rate   99.9 % (9 of 9)").contains("\u{1b}[32m"));
        assert!(coloured("  success rate   99.8 % (9 of 9)").contains("\u{1b}[31m"));
        assert_eq!(coloured("nothing"), "nothing");
    }

    #[test]
    fn tables_code_and_addresses_stay_whole() {
        for whole in [
            "| Run | Program | Users | Success | p99 latency |",
            "12 |     let connection = pool.get().await.map_err(Problem::from)?;",
            "http://127.0.0.1:3010/?token=bc262aa492f67511f0ea8cce3042a564",
        ] {
            assert_eq!(fit(whole, 20), whole);
        }
    }
}
