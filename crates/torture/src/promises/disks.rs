//! The disk is full, or cannot be written.

use std::{fs, process::Command};

use crate::{
    lab::{Lab, said},
    program::built,
    promise::{Outcome, Promise, Trial},
    promises::starts::first,
};

pub const NO_ROOM: Promise = Promise {
    number: 23,
    text: "Where the disk is full or cannot be written, the lab says so and leaves no unfinished files",
    target: "one line and exit 2; with room the next one works, in 30 of 30",
    test,
};

fn test(trial: &mut Trial) -> Outcome {
    let (full, read_only, resets) = (trial.times(18, 1), trial.times(2, 1), trial.times(10, 1));
    let mut wrong = Vec::new();
    let mut refused = 0;
    for number in 0..full + read_only {
        let lab = Lab::new();
        // What initdb makes takes some 40 MB, and the data as much again.
        let size = format!("size={}k", trial.random.u32(16..80_000));
        let options = if number < full { &size } else { "ro" };
        match start_twice(&lab, options) {
            Ok(true) => refused += 1,
            // It had room enough.
            Ok(false) => {}
            Err(reason) => wrong.push(format!("{options}: {reason}")),
        }
    }
    for _ in 0..resets {
        // The copy of the data takes some 8 MB.
        let left = trial.random.u32(..6_000).to_string();
        match reset_twice(&Lab::new(), &left) {
            Ok(()) => refused += 1,
            Err(reason) => wrong.push(format!("reset with {left} KB left: {reason}")),
        }
    }
    Outcome {
        done: format!(
            "{full} starts on a disk of 16 KB to 80 MB, {read_only} on one that cannot be written; {resets} resets of the \
             data with up to 6 MB left"
        ),
        measured: format!("{refused} refused in one line, {} wrong{}", wrong.len(), first(&wrong)),
        held: wrong.is_empty() && refused > 0,
    }
}

/// All that the lab keeps is in a file system that only these processes see. It goes with the last of them.
const IN_SMALL_PLACE: &str = r#"
    mount -t tmpfs -o "mode=755,$OPTIONS" none .lab || exit
    "$0" up 1 --no-watch --no-dashboard 2> refused > /dev/null
    echo $?
    mount -o remount,rw,size=1g .lab || exit
    find .lab -name '*.unfinished' -o -name '*initdb-password' -o -name '.tmp*'
    "$0" up 1 --no-watch --no-dashboard > /dev/null || exit
    "$0" sql -At -c "SELECT 'posts: ' || count(*) FROM posts"
    "$0" down > /dev/null
"#;

/// Starts the scenario in a small place, which then becomes a large one, and again; whether the first start was refused.
fn start_twice(lab: &Lab, options: &str) -> Result<bool, String> {
    match in_place(lab, IN_SMALL_PLACE, options)?.as_str() {
        "0\nposts: 500" => Ok(false),
        "2\nposts: 500" => Ok(true),
        other => Err(other.to_owned()),
    }
}

/// A disk that becomes full while the scenario runs. The row that is too many is gone once the data are put back.
const RESET_IN_FULL_PLACE: &str = r#"
    mount -t tmpfs -o mode=755,size=1g none .lab || exit
    "$0" up 1 --no-watch --no-dashboard > /dev/null || exit
    "$0" sql -qc "INSERT INTO posts (user_id, content) VALUES (1, 'one too many')"
    used=$(df --output=used -k .lab | tail -n 1)
    mount -o "remount,size=$((used + OPTIONS))k" .lab || exit
    "$0" reset --data 2> refused > /dev/null
    echo $?
    mount -o remount,size=1g .lab || exit
    "$0" sql -At -c "SELECT 'posts: ' || count(*) FROM posts"
    "$0" reset --data > /dev/null || exit
    "$0" sql -At -c "SELECT 'posts: ' || count(*) FROM posts"
    "$0" down > /dev/null
"#;

/// Puts the data back while `left` KB are left, which are too few, and again with room.
fn reset_twice(lab: &Lab, left: &str) -> Result<(), String> {
    match in_place(lab, RESET_IN_FULL_PLACE, left)?.as_str() {
        "2\nposts: 501\nposts: 500" => Ok(()),
        other => Err(other.to_owned()),
    }
}

/// What `script` prints, in a name space of mounts of its own. Where a command was refused, the reason must be one line.
fn in_place(lab: &Lab, script: &str, options: &str) -> Result<String, String> {
    fs::create_dir(lab.path(".lab")).map_err(|error| error.to_string())?;
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script]).arg(built("lab")).env("OPTIONS", options);
    lab.in_copy(&mut command);
    let output = command.output().map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let refused = lab.read("refused");
    let message = refused.split_once("lab: ").map_or("", |(_, message)| message.trim());
    if printed.starts_with('2') && message.lines().count() != 1 {
        return Err(format!("{printed}; {message}; {}", said(&output)));
    }
    Ok(printed)
}
