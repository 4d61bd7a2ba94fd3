//! What the lab prints fits into the terminal it is printed in, whatever the command.
//!
//! Exceptions, which must be copied or compared as they are: a line that is one address, path or command, and the lines of
//! other programs: logs, plans, SQL, diffs and what shells read.

use std::collections::BTreeSet;

use testkit::terminal::{Shown, in_terminal};

use crate::lab::Lab;

/// Columns and rows.
const SIZES: [(u16, u16); 2] = [(80, 24), (100, 30)];

/// Each command, and the keys that end it. What changes the files of this checkout, or takes minutes, is left out where it
/// works; its errors and its help are here.
const COMMANDS: &[(&str, &str)] = &[
    ("--help", ""),
    ("up 1 --variant solution --no-watch", ""),
    ("up 9", ""),
    ("down 9", ""),
    ("up 1 --variant nonsense", ""),
    ("status", ""),
    ("status 3", ""),
    ("open", ""),
    ("top", "q"),
    ("load --duration 2s", ""),
    ("load --only nothing", ""),
    ("load --find-max --rate 300 --duration 1s", ""),
    ("check", ""),
    ("hint", ""),
    ("watch", "q"),
    ("progress", ""),
    ("apply-fix", ""),
    ("results", ""),
    ("predict", "\n"),
    ("predict --guess 50", ""),
    ("predict --users 10000 --servers 1000 --rows 10x", "\n"),
    ("compare 001 002", ""),
    ("compare 001 002 --anyway", ""),
    ("compare 001 777", ""),
    ("ab starter nonsense", ""),
    ("report", ""),
    ("report 001 002", ""),
    ("report --lesson", ""),
    ("redis ping", ""),
    ("kill feed", ""),
    ("kill nothing", ""),
    ("restart", ""),
    ("restart --rolling", ""),
    ("reset --data", ""),
    ("clean --dry-run", ""),
    ("doctor", ""),
    ("smoke 9", ""),
    ("validate 9", ""),
    ("validate 1 --only nonsense", ""),
    ("logs nothing", ""),
    ("completions nothing", ""),
    ("supervise", ""),
    ("nothing", ""),
    ("load --users nothing", ""),
];

/// Those whose lines are another program's.
const OF_OTHERS: &[&str] = &["logs", "explain", "sql", "solution", "completions"];

/// Those of them that end with words of the lab.
const WITH_A_CONCLUSION: &[&str] = &["explain", "solution"];

impl Lab {
    fn in_terminal(&self, arguments: &str, keys: &str, (columns, rows): (u16, u16)) -> Shown {
        let arguments: Vec<_> = arguments.split(' ').collect();
        in_terminal(self.command(&arguments), columns, rows, keys)
    }

    /// All that `lab --help` lists.
    fn commands(&self) -> BTreeSet<String> {
        let help = String::from_utf8(self.lab(&["--help"]).stdout).unwrap();
        let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let listed = listed.take_while(|line| !line.is_empty());
        let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
    }
}

/// Whether a terminal with so many columns shows `line` in one piece, or it must be one.
fn fits(line: &str, columns: u16) -> bool {
    // The keys of this test are pressed before the question is there, so its answer stands beside it.
    let text = line.trim_start().trim_start_matches("(a number; Enter alone for no guess; Ctrl-C to leave) ");
    let starts = ["cargo lab ", "make ", "sudo ", "`cargo lab ", "`make "];
    let is_command = starts.iter().any(|start| text.starts_with(start));
    // A progress bar is as wide as the terminal, and its second line follows without a line's end.
    let is_bar = text.starts_with(['█', '░']);
    text.chars().count() <= usize::from(columns) || is_command || is_bar || !text.contains(' ')
}

#[test]
fn every_command_fits_into_its_terminal_and_a_load_test_ends_with_what_matters() {
    let lab = Lab::new();
    let tried: BTreeSet<_> = COMMANDS.iter().map(|(line, _)| line.split(' ').next().unwrap()).collect();
    let is_tried = |name: &str| tried.contains(name) || OF_OTHERS.contains(&name);
    let all = lab.commands();
    assert!(all.len() > 20, "{all:?}");
    let untried: Vec<_> = all.iter().filter(|name| !is_tried(name)).collect();
    assert!(untried.is_empty(), "{untried:?} are in no list of this test");

    let mut wide = Vec::new();
    let mut note = |size: (u16, u16), line: &str, shown: &Shown| {
        let too_wide = shown.lines.iter().filter(|line| !fits(line, size.0));
        wide.extend(too_wide.map(|wide| format!("{} columns, lab {line}: {wide}", size.0)));
    };
    for size in SIZES {
        for name in &all {
            let line = format!("{name} --help");
            note(size, &line, &lab.in_terminal(&line, "", size));
        }
        for line in ["status", "results", "load", "compare", "predict", "hint", "report", "top", "explain"] {
            note(size, line, &lab.in_terminal(line, "", size));
        }
    }
    lab.up("1", "starter");
    lab.json(&["load", "--duration", "3s"]);
    lab.up("1", "solution");
    lab.json(&["load", "--duration", "3s"]);
    lab.lab(&["check"]);
    for size in SIZES {
        for (line, keys) in COMMANDS {
            note(size, line, &lab.in_terminal(line, keys, size));
        }
        for line in WITH_A_CONCLUSION {
            let shown = lab.in_terminal(line, "", size);
            let end = shown.lines.iter().rev().take_while(|line| !line.is_empty()).cloned().collect();
            note(size, line, &Shown { code: shown.code, lines: end });
        }
        let end = lab.in_terminal("load --duration 2s", "", size).last(size.1.into());
        for figure in ["success rate", "ok per second", "p99", "bottleneck", "Next: "] {
            assert!(end.contains(figure), "no {figure} on a screen of {size:?}:\n{end}");
        }
    }
    note(SIZES[0], "down", &lab.in_terminal("down", "", SIZES[0]));
    note(SIZES[0], "status", &lab.in_terminal("status", "", SIZES[0]));
    assert!(wide.is_empty(), "{} lines are too wide:\n{}", wide.len(), wide.join("\n"));
}
