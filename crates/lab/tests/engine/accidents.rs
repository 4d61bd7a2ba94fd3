//! Processes that are killed, terminals that are closed, files that a crash left.

use std::{fs, process::Command, time::Duration};

use crate::checkout::{Checkout, quiet, signal, stderr, within};

const GONE: Duration = Duration::from_secs(5);

#[test]
fn a_killed_supervisor_takes_its_children_with_it_and_the_next_start_works() {
    let checkout = Checkout::new();
    checkout.up();
    let state: serde_json::Value =
        serde_json::from_slice(&fs::read(checkout.path(".lab/scenario-1/status.json")).unwrap()).unwrap();
    signal("KILL", &state["supervisor"]["pid"]);
    within(GONE, "all processes are gone", || checkout.processes().is_empty());
    let status = checkout.up();
    assert_eq!(status["database"]["tables"]["things"], 5000);
}

#[test]
fn a_lock_file_that_names_another_program_does_not_keep_postgresql_from_starting() {
    let checkout = Checkout::new();
    checkout.up();
    let lock = checkout.path(".lab/scenario-1/db/postmaster.pid");
    let text = fs::read_to_string(&lock).unwrap();
    checkout.lab(&["down"]);
    // For example after a reboot: our process has the process id that PostgreSQL had.
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&lock, format!("{}\n{rest}", std::process::id())).unwrap();
    checkout.up();
}

#[test]
fn ctrl_c_while_seeding_stops_in_order_and_the_next_start_has_the_same_data() {
    let checkout = Checkout::new();
    let up = quiet(checkout.command(&["up", "1"]).env("SEED_SLEEP_S", "60"));
    let is_seeding = || checkout.processes().iter().any(|command| command.contains("app seeding"));
    within(Duration::from_secs(60), "it seeds", is_seeding);
    signal("INT", up.id());
    let output = up.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    checkout.assert_nothing_is_left();
    checkout.up();
    let checksum = checkout.lab(&["sql", "-At", "-c", "SELECT checksum FROM seed_marker"]);
    assert_eq!(String::from_utf8_lossy(&checksum.stdout).trim(), "28419fe992053ea846f204c5bac3d75f");
}

#[test]
fn a_killed_postmaster_is_started_again_with_all_that_was_committed() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.lab(&["sql", "-c", "INSERT INTO things VALUES (0, 'mine')"]);
    assert_eq!(checkout.lab(&["kill", "db"]).stdout, b"db was killed; the lab restarts it\n");
    within(Duration::from_secs(10), "the row is there again", || {
        let row = checkout.lab(&["sql", "-At", "-c", "SELECT name FROM things WHERE id = 0"]);
        row.stdout == b"mine\n"
    });
}

#[test]
fn a_killed_service_is_started_again() {
    let checkout = Checkout::new();
    let status = checkout.up();
    signal("KILL", &status["services"][1]["pid"]);
    within(GONE, "it answers again", || checkout.word().is_some());
}

#[test]
fn a_service_that_ends_by_itself_is_given_up_with_its_own_words() {
    let checkout = Checkout::new();
    let output = checkout.command(&["up", "1"]).env("APP_ENDS", "yes").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("app did not start") && said.contains("app: no, thank you"), "{said}");
    let good = checkout.lab(&["up", "1"]);
    assert!(good.status.success() && !stderr(&good).contains("no, thank you"), "{}", stderr(&good));
    assert_eq!(checkout.word().as_deref(), Some("one"));
}

#[test]
fn a_frozen_supervisor_is_named_and_down_still_stops_everything() {
    let checkout = Checkout::new();
    checkout.up();
    let status = fs::read(checkout.path(".lab/scenario-1/status.json")).unwrap();
    let status: serde_json::Value = serde_json::from_slice(&status).unwrap();
    let pid = &status["supervisor"]["pid"];
    signal("STOP", pid);
    // On a busy machine it stops a moment later.
    let is_stopped =
        || fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") T "));
    within(GONE, "the supervisor is frozen", is_stopped);
    let commands = "status, up 1, load, check, explain, apply-fix, restart, kill app, reset --data, top";
    for command in commands.split(", ") {
        let arguments: Vec<_> = command.split(' ').collect();
        let output = checkout.lab(&arguments);
        assert_eq!(output.status.code(), Some(2));
        let expected = format!("Continue it with: kill -CONT {pid}");
        assert!(stderr(&output).contains(&expected), "{arguments:?}: {}", stderr(&output));
    }
    assert!(checkout.lab(&["down"]).status.success());
    checkout.assert_nothing_is_left();
}

#[test]
fn a_service_that_hangs_is_not_called_ready() {
    let checkout = Checkout::new();
    checkout.up();
    let state = || String::from_utf8(checkout.lab(&["status"]).stdout).unwrap();
    assert!(!state().contains("hangs"));
    checkout.lab(&["kill", "app", "--signal", "STOP"]);
    assert_eq!(checkout.json(&["status"])["services"][1]["answers"], false);
    assert!(state().contains("hangs") && state().contains("does not answer within a second"), "{}", state());
    checkout.lab(&["kill", "app", "--signal", "CONT"]);
    assert!(!state().contains("hangs"));
}

#[test]
fn a_cache_that_cannot_be_reached_shows_in_the_status() {
    let checkout = Checkout::new();
    let status = || String::from_utf8(checkout.lab(&["status"]).stdout).unwrap();
    let none = "APP_ENDS: \"${APP_ENDS:-no}\"";
    // The database answers. Nothing listens on port 9.
    checkout.edit("compose/scenario-1.yml", none, &format!("{none}, DB_URL: 'postgres://db/app'"));
    checkout.up();
    assert!(!status().contains("nothing listens"), "{}", status());
    checkout.edit("compose/scenario-1.yml", none, &format!("{none}, CACHE_URL: 'redis://:x@127.0.0.1:9/0'"));
    let up = String::from_utf8(checkout.lab(&["up", "1"]).stdout).unwrap();
    for text in [up, status()] {
        assert!(text.contains("         CACHE_URL: nothing listens on 127.0.0.1:9\n"), "{text}");
    }
}

#[test]
fn closing_the_terminal_stops_everything() {
    let checkout = Checkout::new();
    // `script` runs a command in a terminal of its own, which goes when `script` does.
    let up = checkout.command(&["up", "1"]);
    let line = format!("{} up 1; sleep 60", up.get_program().to_str().unwrap());
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(checkout.path("."));
    for (name, value) in up.get_envs() {
        value.map(|value| script.env(name, value));
    }
    let mut terminal = quiet(&mut script);
    within(Duration::from_secs(60), "it answers", || checkout.word().is_some());
    signal("KILL", terminal.id());
    terminal.wait().unwrap();
    within(GONE, "all processes are gone", || {
        let left = checkout.processes();
        left.iter().all(|command| command.starts_with("sleep"))
    });
}

#[test]
fn ctrl_c_at_any_moment_of_a_start_leaves_nothing() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.lab(&["down"]);
    for moment in 0..12 {
        let up = quiet(&mut checkout.command(&["up", "1"]));
        std::thread::sleep(Duration::from_millis(40 * moment));
        signal("INT", up.id());
        let finished = up.wait_with_output().unwrap().status.success();
        if finished {
            checkout.lab(&["down"]);
        }
        within(GONE, "all processes are gone", || checkout.processes().is_empty());
    }
    checkout.up();
}

#[test]
fn two_starts_at_once_wait_for_each_other() {
    let checkout = Checkout::new();
    let both = [quiet(&mut checkout.command(&["up", "1"])), quiet(&mut checkout.command(&["up", "1"]))];
    for up in both {
        assert!(up.wait_with_output().unwrap().status.success());
    }
    assert_eq!(checkout.word().as_deref(), Some("one"));
}

#[test]
fn a_seed_that_fails_is_quoted_and_once_mended_the_next_start_works() {
    let checkout = Checkout::new();
    checkout.edit("db/seed.sql", "INSERT INTO things", "INSERT INTO thinks");
    let output = checkout.lab(&["up", "1"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("seed.sql") && said.contains("relation \"thinks\" does not exist"), "{said}");
    checkout.edit("db/seed.sql", "thinks", "things");
    let status = checkout.up();
    assert_eq!(status["database"]["tables"]["things"], 5000);
    assert!(status["services"][0]["pid"].is_u64(), "{status}");
}

#[test]
fn a_killed_smoke_test_leaves_nothing_running() {
    let checkout = Checkout::new();
    let smoke = quiet(&mut checkout.command(&["smoke", "1", "--duration", "30s"]));
    within(Duration::from_secs(60), "it answers", || checkout.word().is_some());
    signal("TERM", smoke.id());
    smoke.wait_with_output().unwrap();
    within(Duration::from_secs(15), "all processes are gone", || checkout.processes().is_empty());
}

#[test]
fn a_spec_of_another_version_means_a_restart_of_all() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.edit(".lab/scenario-1/spec.json", "\"version\": 3", "\"version\": 2");
    let output = checkout.lab(&["up", "1"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("started by another version of the lab"), "{}", stderr(&output));
    assert_eq!(checkout.word().as_deref(), Some("one"));
}

#[test]
fn a_supervisor_of_the_version_before_is_stopped_and_replaced() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.lab(&["down"]);
    // What the version before left while it ran: the lock, held by its supervisor, and `state.json` with who that is.
    let lock = checkout.path(".lab/scenario-1/lock");
    let old =
        quiet(Command::new("flock").arg("--exclusive").arg("--no-fork").arg(lock).args(["sleep", "600"]));
    fs::remove_file(checkout.path(".lab/scenario-1/status.json")).unwrap();
    fs::remove_file(checkout.path(".lab/scenario-1/spec.json")).unwrap();
    let stat = fs::read_to_string(format!("/proc/{}/stat", old.id())).unwrap();
    let start_ticks: u64 =
        stat.rsplit(')').next().unwrap().split_whitespace().nth(19).unwrap().parse().unwrap();
    let boot_id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let supervisor =
        serde_json::json!({ "pid": old.id(), "start_ticks": start_ticks, "boot_id": boot_id.trim() });
    let state =
        serde_json::json!({ "settled": 3, "variant": "starter", "supervisor": supervisor, "services": [] });
    fs::write(checkout.path(".lab/scenario-1/state.json"), state.to_string()).unwrap();
    let output = checkout.lab(&["up", "1"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("started by another version of the lab"), "{}", stderr(&output));
    assert_eq!(checkout.word().as_deref(), Some("one"));
    let ended = old.wait_with_output().unwrap();
    assert!(!ended.status.success());
}
