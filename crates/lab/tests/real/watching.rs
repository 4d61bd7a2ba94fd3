//! What a dashboard shows of a scenario of this very checkout, asked of a real Prometheus after a real load test.

use std::{
    fs,
    thread::sleep,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use loadgen::{Endpoint, fetch};
use serde_json::Value;
use testkit::require::missing;

use crate::lab::Lab;

/// Long enough for every window of a query to be full at its end.
const LOAD_S: u64 = 15;

struct Watched {
    scenario: u8,
    lab: Lab,
    prometheus: String,
}

impl Watched {
    /// `None`, after a message, without Prometheus.
    fn start(scenario: u8, variant: &str) -> Option<Self> {
        let lab = Lab::new();
        lab.up(&scenario.to_string(), variant);
        let prometheus = lab.address("prometheus");
        if prometheus.is_none() {
            missing("prometheus", "install it with: cargo lab doctor --install");
        }
        Some(Self { scenario, prometheus: prometheus?, lab })
    }

    /// Questions of panels that have no value in the last half minute.
    fn unanswered(&self) -> Vec<String> {
        let dashboard = Lab::root().join(format!("dashboards/scenario-{}.json", self.scenario));
        let dashboard: Value = serde_json::from_slice(&fs::read(dashboard).unwrap()).unwrap();
        let targets = |panel: &Value| {
            let exprs =
                panel["targets"].as_array().unwrap().iter().map(|target| target["expr"].as_str().unwrap());
            exprs.map(|expr| (panel["title"].to_string(), expr.to_owned())).collect::<Vec<_>>()
        };
        let all = dashboard["panels"].as_array().unwrap().iter().flat_map(targets);
        let password = self.lab.dir.path().join(format!("scenario-{}/prometheus.password", self.scenario));
        let user = format!("lab:{}", fs::read_to_string(password).unwrap());
        let is_empty = |(_, expr): &(String, String)| !has_values(&self.prometheus, &user, expr);
        all.filter(is_empty).map(|(title, expr)| format!("{title}: {expr}")).collect()
    }

    /// The newest values of a panel's line, as they are shown.
    fn shown(&self, title: &str, line: &str) -> Vec<f64> {
        let frame = self.lab.json(&["top"]);
        let panels = frame["panels"].as_array().unwrap();
        let panel = panels.iter().find(|panel| panel["title"] == title).unwrap();
        let series =
            panel["series"].as_array().unwrap().iter().find(|series| series["name"] == line).unwrap();
        series["values"].as_array().unwrap().iter().filter_map(Value::as_f64).collect()
    }
}

fn has_values(address: &str, user: &str, expr: &str) -> bool {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let encoded: String = expr.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let path = format!("/api/v1/query_range?query={encoded}&start={}&end={now}&step=1", now - 30);
    // It may still read what it wrote down before.
    let headers = vec![("Authorization".to_owned(), format!("Basic {}", BASE64_STANDARD.encode(user)))];
    let question = Endpoint { headers, ..Endpoint::get(&path) };
    let Ok(answer) = fetch(address, &question, Duration::from_secs(5)) else {
        return false;
    };
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let series = answer["data"]["result"].as_array().unwrap_or_else(|| panic!("{expr}: {answer}"));
    let mut values = series.iter().flat_map(|series| series["values"].as_array().unwrap());
    values.any(|value| value[1] != "NaN")
}

/// What an hour with the lesson shows must be there on the first try, so each scenario is started, and loaded once.
#[test]
fn after_a_load_test_every_question_of_every_panel_has_an_answer() {
    // With Redis and several servers, where the lesson has them.
    for (scenario, variant) in [(1, "starter"), (2, "solution"), (3, "starter"), (4, "solution")] {
        let Some(watched) = Watched::start(scenario, variant) else { return };
        let started = Instant::now();
        while watched.unanswered().iter().any(|question| !is_about_requests(question)) {
            let empty = watched.unanswered();
            assert!(started.elapsed() < Duration::from_secs(20), "scenario {scenario}: {empty:#?}");
            sleep(Duration::from_millis(100));
        }
        println!("scenario {scenario}: first data {:.1} s after the start", started.elapsed().as_secs_f64());
        watched.lab.json(&["load", "--duration", &format!("{LOAD_S}s")]);
        // With a hundred users scenario 1 may serve no request, and then there is no latency. With ten it serves all.
        watched.lab.json(&["load", "--users", "10", "--duration", "5s"]);
        let empty = watched.unanswered();
        assert!(empty.is_empty(), "scenario {scenario}: {empty:#?}");
    }
}

/// Before the first request they have no values: no latency, no share.
fn is_about_requests(question: &str) -> bool {
    ["quantile", " / ", "http_request", "cache_requests", "lab_load_latency"]
        .iter()
        .any(|part| question.contains(part))
}

#[test]
fn a_panel_shows_what_the_load_test_says_within_2_percent() {
    let Some(watched) = Watched::start(1, "solution") else { return };
    let load = watched.lab.json(&["load", "--rate", "200", "--duration", &format!("{LOAD_S}s")]);
    let said = load["ok_per_s"].as_f64().unwrap();
    let close = |title: &str, line: &str, said: f64| {
        // Windows reach back over 10 s, so those that were full of load are the highest; the middle of them counts.
        let mut shown = watched.shown(title, line);
        shown.sort_by(f64::total_cmp);
        let shown = shown[shown.len() - 3];
        assert!((shown / said - 1.0).abs() < 0.02, "{title}, {line}: {shown}, and the load test says {said}");
        println!("{title}, {line}: {shown:.2}, and the load test says {said:.2}");
    };
    close("Successes per second", "2xx", said);
    close("Requests by outcome, per second", "ok", said);
    close("Requests per second by status", "2xx", said);
    close("Success rate", "2xx", load["success_rate"].as_f64().unwrap());
}
