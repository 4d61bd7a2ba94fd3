//! Files of `.lab` that were cut off, emptied or edited by hand: commands report it or go on, and `lab up` repairs it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::checkout::{Checkout, stderr};

/// They read what the lab keeps, and change nothing.
const COMMANDS: [&[&str]; 7] =
    [&["status"], &["results"], &["progress"], &["hint"], &["predict"], &["report"], &["--json", "status"]];

/// All JSON files below `folder`, but for those of the database.
fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("db") {
            found.extend(json_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found
}

/// `json` damaged in seven ways: empty, cut in half, of another type, without keys, with huge and with negative numbers, and
/// with arrays in place of objects.
fn damaged(json: &str) -> [String; 7] {
    let half = json.get(..json.len() / 2).unwrap_or_default().to_owned();
    let numbers = json.replace(|c: char| c.is_ascii_digit(), "9");
    let negative = json.replace(": ", ": -");
    let arrays = json.replace('{', "[").replace('}', "]");
    [String::new(), half, "[]".to_owned(), "{}".to_owned(), numbers, negative, arrays]
}

fn assert_no_panic(checkout: &Checkout, command: &[&str], file: &Path, text: &str) {
    let output = checkout.lab(command);
    let printed = stderr(&output);
    let is_bug = output.status.code().is_none_or(|code| code == 101) || printed.contains("panicked");
    assert!(!is_bug, "{command:?} with {}:\n{text:.500}\n{printed}", file.display());
}

#[test]
fn damaged_files_are_reported_or_replaced() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.load(&["--duration", "1s"]);
    checkout.lab(&["check"]);
    let files = json_files(&checkout.path(".lab"));
    for expected in ["spec.json", "status.json", "runs/001.json", "progress.json"] {
        assert!(files.iter().any(|file| file.ends_with(expected)), "{expected} is not in {files:?}");
    }
    for file in &files {
        let whole = fs::read_to_string(file).unwrap();
        for text in damaged(&whole) {
            fs::write(file, &text).unwrap();
            for command in COMMANDS {
                assert_no_panic(&checkout, command, file, &text);
            }
        }
        fs::write(file, &whole).unwrap();
    }
    // Whatever they say, what runs can be stopped and started.
    for file in files.iter().filter(|file| file.ends_with("spec.json") || file.ends_with("status.json")) {
        fs::write(file, "[]").unwrap();
    }
    let down = checkout.lab(&["down"]);
    assert!(down.status.success(), "{}", stderr(&down));
    for file in &files {
        fs::write(file, "[]").unwrap();
    }
    checkout.up();
    let down = checkout.lab(&["down"]);
    assert!(down.status.success(), "{}", stderr(&down));
}
