//! CPU caps: a server gets the cap of the compose file, or every measurement reports that it has none.

use std::{fs, thread::sleep, time::Duration};

use testkit::require::missing;

use crate::checkout::{Checkout, stderr};

/// CPU time of a process so far, in clock ticks (100 a second on Linux).
fn cpu_ticks(pid: u64) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn a_capped_server_gets_no_more_cpu_or_every_load_test_is_inconclusive() {
    let checkout = Checkout::new();
    checkout.edit(
        "compose/scenario-1.yml",
        "    environment: { LISTEN_ADDRESS",
        "    cpu_quota: 4000\n    cpu_period: 20000\n    environment: { LISTEN_ADDRESS",
    );
    // Busy all the time, also without requests.
    checkout.edit(
        "crates/app/src/main.rs",
        "    for connection in",
        "    thread::spawn(|| loop { std::hint::spin_loop() });\n    for connection in",
    );
    let status = checkout.up();
    let app = &status["services"][1];
    if let Some(why) = app["uncapped"].as_str() {
        missing("cgroups", why);
        let load = checkout.lab(&["load"]);
        assert_eq!(load.status.code(), Some(3));
        assert!(String::from_utf8_lossy(&load.stdout).contains("without its CPU cap"), "{}", stderr(&load));
        return;
    }
    let pid = app["pid"].as_u64().unwrap();
    let before = cpu_ticks(pid);
    sleep(Duration::from_secs(2));
    let share = (cpu_ticks(pid) - before) as f64 / 200.0;
    assert!((0.05..0.25).contains(&share), "a fifth of a core, and not {share}");
    assert_eq!(checkout.lab(&["load"]).status.code(), Some(0));
}
