//! What runs a scenario is killed, and what it left is found by the next start.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};
use testkit::eventually;

use crate::{
    lab::Lab,
    process::Process,
    promise::{Outcome, Promise, Trial},
};

pub const STALE_STATE: Promise = Promise {
    number: 18,
    text: "After a crash the next start works, and ends no other process that was given one of the old process ids",
    target: "next start within 10 s, in 20 of 20; no other process ended",
    test: crash_everything,
};

pub const NO_ORPHANS: Promise = Promise {
    number: 19,
    text: "When the supervisor is killed or the terminal closed, no child is left",
    target: "0 processes after 5 s, in 30 of 30",
    test: kill_supervisor,
};

pub const KILLED_POSTMASTER: Promise = Promise {
    number: 25,
    text: "A killed PostgreSQL is started again with all that was committed",
    target: "back within 10 s, 0 rows lost, 0 zombies, in 10 of 10",
    test: kill_postmaster,
};

fn crash_everything(trial: &mut Trial) -> Outcome {
    let lab = Lab::new();
    lab.up("1");
    let mut bystander = Command::new("sleep").arg("3600").spawn().expect("there is sleep");
    let other = Process::of(bystander.id().cast_signed()).expect("it sleeps");
    let crashes = trial.times(20, 2);
    let mut slowest = Duration::ZERO;
    for _ in 0..crashes {
        let data = lab.process("1", "db").path("cwd").read_link().expect("PostgreSQL runs");
        // As when the power fails: all at once.
        let family = lab.process("1", "supervisor").family();
        let lock = fs::read_to_string(data.join("postmaster.pid")).expect("PostgreSQL has written it");
        family.iter().for_each(|process| process.signal(Signal::KILL));
        eventually(Duration::from_secs(5), "all have ended", || !family.iter().any(|each| each.is_alive()));
        // And another program has got the number since, in this boot or after the next.
        let (_, rest) = lock.split_once('\n').expect("it has several lines");
        fs::write(data.join("postmaster.pid"), format!("{}\n{rest}", other.pid)).expect("the file is there");
        give_numbers_to(other, &lab.path(".lab/scenario-1/status.json"), trial.random.bool());
        let started = Instant::now();
        lab.up("1");
        slowest = slowest.max(started.elapsed());
        assert!(lab.service("feed")["answers"] == true, "it started and does not answer");
    }
    let is_spared = other.is_alive();
    bystander.kill().and_then(|()| bystander.wait()).expect("it is our child");
    Outcome {
        done: format!(
            "{crashes} times kill -9 of all processes, whose numbers another process has afterwards"
        ),
        measured: format!(
            "slowest next start {:.1} s; the other process {}",
            slowest.as_secs_f64(),
            if is_spared { "lives" } else { "was ended" },
        ),
        held: is_spared && slowest <= Duration::from_secs(10),
    }
}

/// Makes all processes of the status file look like `other`, but for the boot or for the time of the start.
fn give_numbers_to(other: Process, file: &Path, other_boot: bool) {
    let mut status: Value =
        serde_json::from_slice(&fs::read(file).expect("the crash left it")).expect("the status is JSON");
    let change = |process: &mut Value| {
        process["pid"] = json!(other.pid);
        if other_boot {
            process["start_ticks"] = json!(other.start_ticks);
            process["boot_id"] = json!("00000000-0000-0000-0000-000000000000");
        }
    };
    change(&mut status["supervisor"]);
    let services = status["services"].as_array_mut().expect("the status has services");
    services.iter_mut().for_each(|service| change(&mut service["process"]));
    fs::write(file, status.to_string()).expect("the file is there");
}

fn kill_supervisor(trial: &mut Trial) -> Outcome {
    let lab = Lab::new();
    // With page and Prometheus: all that a supervisor ever starts.
    lab.run(&["up", "1", "--no-watch"]);
    lab.run(&["down"]);
    let (kills, closed) = (trial.times(20, 1), trial.times(10, 1));
    let mut slowest = Duration::ZERO;
    for number in 0..kills + closed {
        // Every other time while it begins: it knows neither its terminal nor its children yet.
        let latest = if number % 2 == 0 { 30 } else { 2_000 };
        let moment = Duration::from_millis(trial.random.u64(..latest));
        let is_kill = number < kills;
        let mut up = if is_kill { lab.command(&["up", "1", "--no-watch"]) } else { in_terminal(&lab) };
        let mut up = up.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the lab starts");
        let supervisor = || lab.processes().into_iter().find(|each| each.command().contains(" supervise "));
        eventually(Duration::from_secs(120), "there is a supervisor", || supervisor().is_some());
        thread::sleep(moment);
        let family = supervisor().expect("it has just been there").family();
        if is_kill {
            family[0].signal(Signal::KILL);
        } else {
            // The terminal goes with the program that keeps it.
            up.kill().expect("it is running");
        }
        let killed = Instant::now();
        up.wait().expect("it is our child");
        let left = || {
            let mut left: Vec<_> = family.iter().copied().chain(lab.processes()).collect();
            left.retain(|each| each.is_alive() && !each.command().starts_with("sleep"));
            left
        };
        while !left().is_empty() && killed.elapsed() < Duration::from_secs(30) {
            thread::sleep(Duration::from_millis(5));
        }
        slowest = slowest.max(killed.elapsed());
        let left: Vec<_> = left().iter().map(Process::to_string).collect();
        assert!(left.is_empty(), "left 30 s later: {}", left.join(", "));
    }
    Outcome {
        done: format!(
            "{kills} times kill -9 of the supervisor and {closed} closed terminals, up to 2 s after its start"
        ),
        measured: format!("the last process ended {:.1} s later at most", slowest.as_secs_f64()),
        held: slowest <= Duration::from_secs(5),
    }
}

/// `lab up` in a terminal of its own.
fn in_terminal(lab: &Lab) -> Command {
    let mut script = Command::new("script");
    let line = format!("{} up 1 --no-watch; sleep 60", crate::program::built("lab"));
    script.args(["-qec", &line, "/dev/null"]);
    lab.in_copy(&mut script);
    script
}

fn kill_postmaster(trial: &mut Trial) -> Outcome {
    let lab = Lab::new();
    lab.up("1");
    let supervisor = lab.process("1", "supervisor");
    let kills = trial.times(10, 1);
    let (mut slowest, mut zombies) = (Duration::ZERO, 0);
    for number in 1..=kills {
        lab.sql(&format!("INSERT INTO posts (user_id, content) VALUES (1, 'torture {number}')"));
        // The lab gives up a service that crashes again before it has been ready for 10 s.
        let ready = if number == 1 { 0 } else { 10_100 };
        thread::sleep(Duration::from_millis(ready + trial.random.u64(..500)));
        lab.process("1", "db").signal(Signal::KILL);
        let killed = Instant::now();
        eventually(Duration::from_secs(60), "PostgreSQL answers again", || {
            lab.try_run(&["sql", "-c", "SELECT 1"]).status.success()
        });
        slowest = slowest.max(killed.elapsed());
        // The children that are no process any more, and that nobody has waited for.
        let list = fs::read_to_string(supervisor.path(&format!("task/{}/children", supervisor.pid)));
        let list = list.expect("the supervisor runs");
        zombies += list
            .split_whitespace()
            .filter(|pid| pid.parse().is_ok_and(|pid| Process::of(pid).is_none()))
            .count();
    }
    let rows = lab.sql("SELECT count(DISTINCT content) FROM posts WHERE content LIKE 'torture %'");
    Outcome {
        done: format!("{kills} times kill -9 of the postmaster, each after a row was committed"),
        measured: format!(
            "back after {:.1} s at most, {rows} of {kills} rows, {zombies} zombies",
            slowest.as_secs_f64()
        ),
        held: slowest <= Duration::from_secs(10) && rows == kills.to_string() && zombies == 0,
    }
}
