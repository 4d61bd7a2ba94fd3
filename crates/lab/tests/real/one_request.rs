//! One request of a real load test, from the saved run to its time in every program on its way.

use std::fs;

use serde_json::Value;

use crate::{lab::Lab, page::Page};

#[test]
fn a_request_of_a_load_test_is_found_in_every_program_on_its_way() {
    let lab = Lab::new();
    lab.up("4", "solution");
    let run = lab.json(&["load", "--duration", "3s"])["run_id"].as_str().unwrap().to_owned();
    let saved = fs::read(lab.dir.path().join(format!("scenario-4/runs/{run}.json"))).unwrap();
    let saved: Value = serde_json::from_slice(&saved).unwrap();
    // An order does most: it waits for a connection, and sends several queries.
    let endpoints = saved["run"]["endpoints"].as_array().unwrap();
    let traces = endpoints.iter().flat_map(|endpoint| endpoint["traces"].as_array().into_iter().flatten());
    let trace = traces
        .max_by(|one, other| one["took_ms"].as_f64().unwrap().total_cmp(&other["took_ms"].as_f64().unwrap()));
    let trace = trace.expect("some requests have a name");
    let page = Page::of(&lab.json(&["status"]));
    let path = format!("/request?id={}", trace["request_id"].as_str().unwrap());
    let page = page.ask("GET", &path, &[("Cookie", &page.cookie())], "").to_string();
    for expected in ["nginx 200", "the wait for a connection", "queries", "ms in all"] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert!(page.contains("app1 200") || page.contains("app2 200"), "{page}");
    // Its lines, and none of another request: `load-1` begins like `load-10`.
    let lines = page.matches("/request?id=").count();
    assert_eq!(
        lines,
        page.matches(&format!("/request?id={}\"", trace["request_id"].as_str().unwrap())).count(),
        "{page}"
    );
    let in_all = page.split(" ms in all").next().unwrap().rsplit('>').next().unwrap().parse::<f64>().unwrap();
    let took = trace["took_ms"].as_f64().unwrap();
    // The load generator waits for all of it. nginx counts in milliseconds.
    assert!(in_all <= took + 2.0 && in_all > 0.2 * took, "{in_all} ms of {took}");
}
