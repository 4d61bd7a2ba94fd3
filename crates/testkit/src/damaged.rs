//! Real texts with some damage: most of it is still what a reader expects, so it gets further than with random bytes.

use std::{
    fs,
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use proptest::{collection::vec, prelude::*, sample::Index};

/// What is put into a text: signs that formats use, limits of numbers, characters that are no letters.
const PIECES: [&str; 32] = [
    "",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\"",
    "'",
    "\\",
    "`",
    "```",
    "#",
    "$",
    "${A:-",
    "}",
    "{",
    "[",
    "]",
    "]]",
    "<!--",
    ";",
    ": ",
    "- ",
    "| ",
    "&a *a",
    "=",
    "18446744073709551616",
    "-1",
    "1e309",
    "NaN",
    "\u{202e}\u{feff}",
    "🦀é",
];

/// Longer than any reader of a small file should need, also on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(20);

/// The file `name` of every lesson: `lesson.toml`, `SCENARIO.md`.
///
/// # Panics
/// When the folder of the lessons cannot be read.
pub fn lesson_files(name: &str) -> Vec<String> {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
    let folders =
        fs::read_dir(docs).expect("the folder is there").map(|entry| entry.expect("it can be read").path());
    folders.filter_map(|folder| fs::read_to_string(folder.join(name)).ok()).collect()
}

/// One of `originals` with up to eight changes: lines that are missing, twice or elsewhere, text that is cut off, pieces that
/// do not belong there, also very often, and numbers that are too large.
pub fn damaged(originals: Vec<String>) -> impl Strategy<Value = String> {
    let changes = (0..9_u8, any::<Index>(), any::<Index>(), prop::sample::select(PIECES.to_vec()));
    (prop::sample::select(originals), vec(changes, 1..9)).prop_map(|(mut text, changes)| {
        for (kind, at, other, piece) in changes {
            text = change(&text, kind, at, other, piece);
        }
        text
    })
}

fn change(text: &str, kind: u8, at: Index, other: Index, piece: &str) -> String {
    let mut lines: Vec<_> = text.split('\n').collect();
    let (line, elsewhere) = (at.index(lines.len()), other.index(lines.len()));
    let places: Vec<_> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
    let place = at.index(places.len());
    let (before, after) = text.split_at(places[place]);
    match kind {
        0 => _ = lines.remove(line),
        1 => lines.insert(elsewhere, lines[line]),
        2 => lines.swap(line, elsewhere),
        3 => return before.to_owned(),
        4 => return format!("{before}{piece}{after}"),
        5 => return format!("{before}{}{after}", piece.repeat(1 + other.index(5_000))),
        6 => return before.to_owned() + after.get(other.index(40)..).unwrap_or_default(),
        7 => return before.to_owned() + &after.replacen(' ', "\n", 1),
        _ => return before.to_owned() + &after.replacen(|c: char| c.is_ascii_digit(), piece, 1),
    }
    lines.join("\n")
}

/// What `work` gives, which is done on a thread of its own.
///
/// # Panics
/// When `work` does, and when it does not end soon.
pub fn promptly<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(work()));
    match receiver.recv_timeout(PATIENCE) {
        Ok(done) => done,
        Err(RecvTimeoutError::Timeout) => panic!("not done after {PATIENCE:?}"),
        Err(RecvTimeoutError::Disconnected) => panic!("it panicked, see above"),
    }
}
