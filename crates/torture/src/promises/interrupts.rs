//! Ctrl-C while a scenario starts.

use std::{
    os::unix::process::CommandExt,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use testkit::eventually;

use crate::{
    lab::Lab,
    process::Process,
    promise::{Outcome, Promise, Trial},
};

pub const CTRL_C: Promise = Promise {
    number: 20,
    text: "Ctrl-C at any moment, also while the database is seeded, stops everything, and the next start has the same data",
    target: "stopped within 15 s, same checksum, in 30 of 30",
    test,
};

const UP: [&str; 4] = ["up", "1", "--no-watch", "--no-dashboard"];

/// So many that seeding them can be interrupted.
const POSTS: &str = "50000";

fn test(trial: &mut Trial) -> Outcome {
    let lab = Lab::new();
    let checksum = |lab: &Lab| {
        let up = lab.command(&UP).env("POSTS", POSTS).output().expect("the lab starts");
        assert!(up.status.success(), "{}", crate::lab::said(&up));
        let checksum = lab.sql("SELECT checksum FROM seed_marker");
        lab.run(&["down"]);
        lab.run(&["reset", "--data"]);
        checksum
    };
    let started = Instant::now();
    let undisturbed = checksum(&lab);
    let whole_start = started.elapsed();
    let times = trial.times(30, 1);
    let (mut slowest, mut seeding, mut other_data) = (Duration::ZERO, 0, 0);
    for number in 0..times {
        let mut up = lab.command(&UP);
        // A terminal sends the signal to the whole group.
        up.env("POSTS", POSTS).process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
        let mut up = up.spawn().expect("the lab starts");
        if number % 2 == 0 {
            let is_seeding = || lab.processes().into_iter().any(is_seeding_session);
            eventually(Duration::from_secs(120), "it seeds", is_seeding);
            thread::sleep(Duration::from_millis(trial.random.u64(..200)));
            seeding += 1;
        } else {
            thread::sleep(whole_start.mul_f64(trial.random.f64()));
        }
        let pressed = Instant::now();
        // It may have finished.
        let _ = kill_process_group(Pid::from_child(&up), Signal::INT);
        if up.wait().expect("it is our child").success() {
            lab.run(&["down"]);
        }
        eventually(Duration::from_secs(60), "all have stopped", || lab.processes().is_empty());
        slowest = slowest.max(pressed.elapsed());
        if checksum(&lab) != undisturbed {
            other_data += 1;
        }
    }
    Outcome {
        done: format!(
            "{times} times Ctrl-C while a scenario with {POSTS} rows starts, {seeding} times while it is seeded"
        ),
        measured: format!(
            "stopped after {:.1} s at most; {} of {times} next starts have the checksum {undisturbed}",
            slowest.as_secs_f64(),
            times - other_data,
        ),
        held: slowest <= Duration::from_secs(15) && other_data == 0 && !undisturbed.is_empty(),
    }
}

/// The title of a PostgreSQL process has the role, the database and the client.
fn is_seeding_session(process: Process) -> bool {
    let command = process.command();
    command.starts_with("postgres: ") && command.contains(" seeding ")
}
