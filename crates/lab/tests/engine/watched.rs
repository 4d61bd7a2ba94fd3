//! Monitoring: each scenario has a Prometheus and a page, and no command waits for them.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use loadgen::{Endpoint, fetch};
use serde_json::Value;
use testkit::require::missing;

use crate::checkout::{Checkout, signal, stderr, within};

/// A checkout with monitoring; `None`, after a message, without Prometheus.
pub fn watched() -> Option<Checkout> {
    if !Path::new("/usr/bin/prometheus").exists() {
        missing("prometheus", "install it with: cargo lab doctor --install");
        return None;
    }
    let checkout = Checkout::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::create_dir_all(checkout.path("dashboards")).unwrap();
    for file in ["compose/dashboards.yml", "dashboards/prometheus.yml", "dashboards/scenario-1.json"] {
        fs::copy(root.join(file), checkout.path(file)).unwrap();
    }
    Some(checkout)
}

fn service(up: &Value, name: &str) -> Option<Value> {
    up["services"].as_array().unwrap().iter().find(|service| service["name"] == name).cloned()
}

pub fn port(up: &Value, name: &str) -> u16 {
    let url = service(up, name).unwrap()["url"].as_str().unwrap().to_owned();
    url.rsplit(':').next().unwrap().parse().unwrap()
}

/// The answer of the Prometheus of `up`.
fn query(checkout: &Checkout, up: &Value, query: &str) -> String {
    let password = format!(".lab/scenario-{}/prometheus.password", up["scenario"]);
    let user = format!("lab:{}", fs::read_to_string(checkout.path(&password)).unwrap());
    let headers = vec![("Authorization".to_owned(), format!("Basic {}", BASE64_STANDARD.encode(user)))];
    let question = Endpoint { headers, ..Endpoint::get(&format!("/api/v1/query?query={query}")) };
    let answer = fetch(&format!("127.0.0.1:{}", port(up, "prometheus")), &question, Duration::from_secs(1));
    answer.map_or_else(|_| String::new(), |answer| String::from_utf8(answer.body).unwrap())
}

/// The jobs that the Prometheus of `up` has asked at least once.
fn asked(checkout: &Checkout, up: &Value) -> String {
    query(checkout, up, "up")
}

#[test]
fn each_scenario_has_a_page_and_a_prometheus_of_its_own_and_down_leaves_neither() {
    let Some(checkout) = watched() else { return };
    let (one, two) = (checkout.up(), checkout.json(&["up", "2"]));
    for name in ["prometheus", "dashboard"] {
        assert_ne!(port(&one, name), port(&two, name));
        assert_eq!(service(&one, name).unwrap()["state"], "ready");
    }
    for up in [&one, &two] {
        let page = port(up, "dashboard");
        within(Duration::from_secs(10), "Prometheus asks the page", || {
            asked(&checkout, up).contains(r#""job":"lab"},"value""#)
        });
        let said = checkout.get(page, "/metrics").unwrap();
        assert!(said.contains("lab_database_max_connections "), "{said}");
    }
    // Whom it asks is its own scenario's affair: one page, and one service.
    within(Duration::from_secs(10), "Prometheus asks two by itself", || {
        asked(&checkout, &one).matches(r#""__name__":"up""#).count() == 2
    });
    checkout.json(&["down", "--all"]);
    checkout.assert_nothing_is_left();
}

#[test]
fn what_prometheus_does_not_ask_yet_it_is_told() {
    let Some(checkout) = watched() else { return };
    // A Prometheus that never scrapes: all its data were pushed.
    fs::write(checkout.path("dashboards/prometheus.yml"), "scrape_configs: [] # ../.lab/targets/*.json\n")
        .unwrap();
    let up = checkout.up();
    within(Duration::from_secs(20), "it knows two answers, which a speed takes", || {
        let known = query(&checkout, &up, "count_over_time(lab_database_max_connections[1m])>1");
        known.contains(r#""instance":"dashboard","job":"lab"},"value""#)
    });
}

#[test]
fn who_watches_may_be_killed_and_comes_back_and_the_service_runs_on() {
    let Some(checkout) = watched() else { return };
    let up = checkout.up();
    let before = service(&up, "app").unwrap()["pid"].clone();
    for name in ["prometheus", "dashboard"] {
        signal("KILL", &service(&up, name).unwrap()["pid"]);
    }
    within(Duration::from_secs(20), "both are back", || {
        let now = checkout.json(&["status"]);
        ["prometheus", "dashboard"].iter().all(|name| {
            let (old, new) = (service(&up, name).unwrap(), service(&now, name).unwrap());
            new["state"] == "ready" && old["pid"] != new["pid"]
        })
    });
    assert_eq!(service(&checkout.json(&["status"]), "app").unwrap()["pid"], before);
}

#[test]
fn where_nobody_can_watch_everything_else_starts_and_lab_top_says_what_to_do() {
    let Some(checkout) = watched() else { return };
    let programs = programs_without(&checkout, &["prometheus", "apt-get", "sudo"]);
    let output = checkout.command(&["up", "1", "--json"]).env("PATH", &programs).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("Prometheus is missing"), "{}", stderr(&output));
    let up: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(service(&up, "prometheus").is_none());
    assert_eq!(service(&up, "dashboard").unwrap()["state"], "ready");
    let top = checkout.command(&["top"]).env("PATH", &programs).output().unwrap();
    assert_eq!(top.status.code(), Some(2));
    assert!(stderr(&top).contains("cargo lab doctor"), "{}", stderr(&top));
}

#[test]
fn the_doctor_names_what_is_missing_and_the_command_that_installs_it() {
    let checkout = Checkout::new();
    let programs = programs_without(&checkout, &["redis-server"]);
    let doctor = checkout.command(&["doctor"]).env("PATH", programs).output().unwrap();
    assert_eq!(doctor.status.code(), Some(1));
    let text = String::from_utf8(doctor.stdout).unwrap();
    assert!(text.contains("MISSING: ") && text.contains("install --yes redis-server"), "{text}");
    assert!(text.contains("cargo lab doctor --install"), "{text}");
}

/// A folder with every program of this machine but for those of the names in `missing`.
fn programs_without(checkout: &Checkout, missing: &[&str]) -> PathBuf {
    let programs = checkout.path("programs");
    fs::create_dir(&programs).unwrap();
    for dir in env::split_paths(&env::var_os("PATH").unwrap()) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if !missing.iter().any(|missing| name == *missing) {
                // One that is there already comes from a directory further ahead.
                let _ = symlink(entry.path(), programs.join(&name));
            }
        }
    }
    programs
}

#[test]
fn nobody_watches_who_is_not_wanted() {
    let Some(checkout) = watched() else { return };
    checkout.up();
    let up = checkout.json(&["up", "1", "--no-dashboard"]);
    assert_eq!(up["services"].as_array().unwrap().len(), 2, "{up:#}");
    assert!(service(&up, "app").is_some());
}
