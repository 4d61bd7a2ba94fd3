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
    text: "Where the disk is full or cannot be written, the lab says so and leaves nothing half made",
    target: "one line and exit 2; with room the next start works, in 20 of 20",
    test,
};

fn test(trial: &mut Trial) -> Outcome {
    let (full, read_only) = (trial.times(18, 1), trial.times(2, 1));
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
    Outcome {
        done: format!("{full} starts on a disk of 16 KB to 80 MB, {read_only} on one that cannot be written"),
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
    fs::create_dir(lab.path(".lab")).map_err(|error| error.to_string())?;
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", IN_SMALL_PLACE]).arg(built("lab")).env("OPTIONS", options);
    lab.in_copy(&mut command);
    let output = command.output().map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Vec<_> = printed.lines().collect();
    let refused = lab.read("refused");
    let message = refused.split_once("lab: ").map_or("", |(_, message)| message.trim());
    match lines[..] {
        ["0", "posts: 500"] => Ok(false),
        ["2", "posts: 500"] if message.lines().count() == 1 => Ok(true),
        _ => Err(format!("{lines:?}; {message}; {}", said(&output))),
    }
}
