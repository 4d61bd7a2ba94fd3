//! `lab load` and `lab results`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    thread::sleep,
    time::Duration,
};

use serde_json::{Value, json};

use crate::checkout::{Checkout, signal, stderr, within};

#[test]
fn a_load_test_is_summed_up_saved_and_listed() {
    let checkout = Checkout::new();
    checkout.up();
    let report = checkout.load(&[]);
    assert_eq!(report["run_id"], "001");
    assert_eq!(report["success_rate"], 1.0);
    assert!(report["ok_per_s"].as_f64().unwrap() > 0.0);
    assert!(report["latency_ms"]["p99"].as_f64().unwrap() > 0.0);
    assert_eq!(report["endpoints"][0]["name"], "root");
    assert_eq!(checkout.json(&["results"])["runs"][0]["run_id"], "001");
    assert!(checkout.path(".lab/scenario-1/runs/001.json").exists());
}

#[test]
fn without_a_terminal_progress_is_a_plain_line_per_second() {
    let checkout = Checkout::new();
    checkout.up();
    let told = stderr(&checkout.lab(&["load", "--duration", "2s"]));
    let lines: Vec<_> = told.lines().filter(|line| line.starts_with("measuring: ")).collect();
    assert!((2..=3).contains(&lines.len()), "{told}");
    assert!(lines.iter().all(|line| line.contains(" errors, ") || line.contains(" 1 error, ")), "{told}");
}

#[test]
fn answers_that_lack_what_they_should_hold_are_errors() {
    let checkout = Checkout::new();
    checkout.edit("docs/scenario-1/lesson.toml", "contains = \"one\"", "contains = \"two\"");
    checkout.up();
    let report = checkout.load(&[]);
    assert_eq!(report["success_rate"], 0.0);
    assert_eq!(report["errors"]["check"]["count"], report["requests"]);
}

#[test]
fn a_smoke_test_passes_what_serves_and_fails_what_does_not_and_leaves_nothing() {
    let checkout = Checkout::new();
    let smoke = |checkout: &Checkout| checkout.lab(&["smoke", "1", "--duration", "1s"]);
    assert_eq!(smoke(&checkout).status.code(), Some(0));
    checkout.edit(
        "crates/app/src/main.rs",
        "STATUS: &str = \"200 OK\"",
        "STATUS: &str = \"502 Bad Gateway\"",
    );
    let failed = smoke(&checkout);
    assert_ne!(failed.status.code(), Some(0), "{}", String::from_utf8_lossy(&failed.stdout));
    checkout.assert_nothing_is_left();
    assert!(!checkout.path(".lab/smoke/scenario-1").exists());
}

#[test]
fn a_run_that_cannot_be_read_costs_no_other_run() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.load(&[]);
    fs::write(checkout.path(".lab/scenario-1/runs/001.json"), "{").unwrap();
    assert_eq!(checkout.load(&[])["run_id"], "002");
    assert_eq!(checkout.json(&["results"])["runs"].as_array().unwrap().len(), 1);
}

/// The report of `lab load`, whether or not this machine was quiet enough for a load test to be believed.
#[test]
fn a_percentile_of_few_answers_is_marked_and_not_compared() {
    let checkout = Checkout::new();
    checkout.up();
    for _ in 0..2 {
        let run = checkout.load(&["--rate", "17"]);
        assert_eq!((&run["ok"], &run["unreliable_percentiles"]), (&17.into(), &json!(["p95", "p99"])));
    }
    let compared = checkout.lab(&["compare", "1", "2", "--json"]);
    let compared: Value = serde_json::from_slice(&compared.stdout).unwrap();
    let p99 = &compared["changes"][1];
    assert_eq!((&p99["change"], &p99["verdict"]), (&Value::Null, &"inconclusive".into()), "{p99:#}");
    let told = stderr(&checkout.lab(&["load", "--rate", "3", "--duration", "2s"]));
    let mut lines = told.lines().filter(|line| line.starts_with("measuring: "));
    assert!(lines.all(|line| line.ends_with("too few for a latency")), "{told}");
}

#[test]
fn a_rate_is_kept_and_listed() {
    let checkout = Checkout::new();
    checkout.up();
    let run = checkout.load(&["--rate", "50"]);
    assert_eq!((&run["requests"], &run["little"]), (&50.into(), &Value::Null));
    assert!(run["generator"]["lag_p99_ms"].is_number());
    let row = &checkout.json(&["results"])["runs"][0];
    assert_eq!((&row["rate_per_s"], &row["users"]), (&50.0.into(), &1_000.into()));
}

#[test]
fn a_service_that_serves_nobody_sustains_no_rate() {
    let checkout = Checkout::new();
    checkout.edit("docs/scenario-1/lesson.toml", "contains = \"one\"", "contains = \"two\"");
    checkout.up();
    let search_rate = checkout.load(&["--find-max", "--rate", "2", "--duration", "1s"]);
    assert_eq!((&search_rate["sustained_per_s"], &search_rate["found"]), (&Value::Null, &false.into()));
    assert_eq!(search_rate["steps"][0]["why_not"], "not one request succeeded");
    assert_eq!(fs::read_dir(checkout.path(".lab/scenario-1/climbs")).unwrap().count(), 1);
}

/// What it is, what does it (to the checkout, or to the supervisor with this process id), and the reason that is saved.
type Accident = (&'static str, fn(&Checkout, &Value), &'static str);

#[test]
fn a_load_test_that_loses_its_scenario_is_saved_as_cut_short_with_the_reason_and_nothing_stays() {
    let accidents: [Accident; 4] = [
        (
            "kill -9 of the supervisor",
            |_, supervisor| signal("KILL", supervisor),
            "the lab's supervisor (process PID) was killed or crashed during the load test",
        ),
        (
            "TERM to the supervisor",
            |_, supervisor| signal("TERM", supervisor),
            "scenario 1 was stopped during the load test",
        ),
        ("lab down", |it, _| drop(it.lab(&["down"])), "scenario 1 was stopped during the load test"),
        (
            "a restart of the scenario",
            |it, _| {
                it.lab(&["down"]);
                it.up();
            },
            "scenario 1 was stopped during the load test",
        ),
    ];
    let checkout = Checkout::new();
    checkout.edit("compose/scenario-1.yml", "  app:\n", "  app:\n    cpu_quota: 50000\n");
    for (number, (what, accident, why)) in (1..).zip(accidents) {
        checkout.up();
        let status: Value =
            serde_json::from_slice(&fs::read(checkout.path(".lab/scenario-1/status.json")).unwrap()).unwrap();
        let groups = groups(&status["services"][1]["process"]["pid"]);
        let mut load = checkout.command(&["load", "--duration", "60s", "--json"]);
        let load = load.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let board = checkout.path(".lab/scenario-1/live/load.json");
        let measures = || fs::read_to_string(&board).is_ok_and(|text| text.contains("\"measuring\""));
        within(Duration::from_secs(20), "it measures", measures);
        sleep(Duration::from_secs(1));
        let supervisor = &status["supervisor"]["pid"];
        accident(&checkout, supervisor);
        let output = load.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{what}: {}", stderr(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let why = why.replace("PID", &supervisor.to_string());
        assert_eq!((&report["valid"], &report["why_invalid"]), (&false.into(), &why.into()), "{what}");
        assert!(report["ok"].as_u64().unwrap() > 0, "{what}: {report}");
        assert!(report["length"].as_str().unwrap().starts_with("stopped after "), "{what}: {report}");
        assert!(checkout.path(&format!(".lab/scenario-1/runs/00{number}.json")).exists(), "{what}");
        if what != "a restart of the scenario" {
            within(Duration::from_secs(5), "all processes are gone", || checkout.processes().is_empty());
            assert!(groups.iter().all(|group| !group.exists()), "{what}: {groups:?}");
        }
    }
}

/// The cgroups that the lab made for the process `pid`; none where it may make none.
fn groups(pid: &Value) -> Vec<PathBuf> {
    let membership = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    let names = membership.lines().filter_map(|line| line.rsplit_once('/'));
    let ours = names.map(|(_, name)| name).filter(|name| name.starts_with("system-design-lab-"));
    let mounts = ["/sys/fs/cgroup", "/sys/fs/cgroup/cpu"].map(Path::new);
    let paths = ours.flat_map(|name| mounts.map(|mount| mount.join(name)));
    paths.filter(|path| path.exists()).collect()
}
