use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use super::*;

const PANEL: &str = r#"{"id": 1, "title": "Success rate", "type": "stat",
    "fieldConfig": {
        "defaults": {"unit": "percentunit", "max": 1, "thresholds": {"mode": "absolute", "steps": [
            {"color": "red", "value": null}, {"color": "orange", "value": 0.9}, {"color": "green", "value": 0.999}]}},
        "overrides": [{"matcher": {"id": "byName", "options": "max"}, "properties": [
            {"id": "color", "value": {"mode": "fixed", "fixedColor": "red"}}]}]},
    "targets": [{"refId": "A", "expr": "up", "legendFormat": "{{instance}}"}]}"#;

#[test]
fn a_value_at_a_threshold_has_reached_it() {
    let panel: Panel = serde_json::from_str(PANEL).unwrap();
    let verdicts = [0.0, 0.9, 0.998, 0.999].map(|value| panel.verdict(value).unwrap());
    assert_eq!(verdicts, ["red", "orange", "orange", "green"]);
    assert_eq!((panel.color("max"), panel.color("in use")), (Some("red"), None));
}

#[test]
fn a_unit_that_the_lab_does_not_know_is_an_error() {
    let error = serde_json::from_str::<Panel>(&PANEL.replace("percentunit", "furlongs")).unwrap_err();
    assert!(error.to_string().contains("unknown variant `furlongs`"), "{error}");
}

#[test]
fn of_every_percentile_it_is_asked_how_many_samples_it_rests_on() {
    let percentile = |expr: &str| Target { expr: expr.to_owned(), legend_format: String::new() }.percentile();
    let by_server =
        "histogram_quantile(0.99, sum by (le, instance) (rate(a_seconds_bucket{status=~\"2..\"}[10s])))";
    let samples = "sum by (le, instance) (increase(a_seconds_count{status=~\"2..\"}[10s]))";
    assert_eq!(percentile(by_server), Some((0.99, samples.to_owned())));
    let of_users = "max(lab_load_latency_seconds{quantile=\"0.5\"})";
    assert_eq!(percentile(of_users), Some((0.5, "max(lab_load_latency_samples)".to_owned())));
    assert_eq!(percentile("sum(rate(a_seconds_sum[10s])) / sum(rate(a_seconds_count[10s]))"), None);
    for (name, json) in ours() {
        let dashboard: Dashboard = serde_json::from_value(json).unwrap();
        for target in dashboard.panels.iter().flat_map(|panel| &panel.targets) {
            let is_percentile = target.expr.contains("quantile");
            assert_eq!(target.percentile().is_some(), is_percentile, "{name}: {}", target.expr);
        }
    }
}

/// The dashboards of this checkout, by their file's name.
fn ours() -> Vec<(String, Value)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dashboards");
    let read = |number| {
        let name = format!("scenario-{number}.json");
        let text = fs::read_to_string(dir.join(&name)).ok()?;
        Some((name, serde_json::from_str(&text).unwrap()))
    };
    (1..).map_while(read).collect()
}

#[test]
fn every_dashboard_can_be_drawn_and_explains_each_panel() {
    let dashboards = ours();
    assert!(dashboards.len() >= 4);
    for (name, json) in dashboards {
        let dashboard: Dashboard =
            serde_json::from_value(json).unwrap_or_else(|error| panic!("{name}: {error}"));
        let ids: BTreeSet<_> = dashboard.panels.iter().map(|panel| panel.id).collect();
        assert_eq!(ids.len(), dashboard.panels.len(), "{name}: an id is there twice");
        for panel in &dashboard.panels {
            assert!(panel.description.ends_with('.'), "{name}: “{}” explains nothing", panel.title);
            assert!(!panel.targets.is_empty(), "{name}: “{}” asks nothing", panel.title);
            let names: BTreeSet<_> = panel.targets.iter().map(|target| &target.legend_format).collect();
            assert_eq!(names.len(), panel.targets.len(), "{name}: “{}” names two lines alike", panel.title);
        }
    }
}

#[test]
fn no_panel_lies_on_another_and_all_ask_the_prometheus_that_was_chosen() {
    for (name, json) in ours() {
        let mut taken = BTreeSet::new();
        for panel in json["panels"].as_array().unwrap() {
            let title = &panel["title"];
            let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().unwrap());
            assert!(w > 0 && h > 0 && x + w <= 24, "{name}: {title} does not fit into 24 columns");
            for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                assert!(taken.insert(cell), "{name}: {title} lies on another panel");
            }
            let asks = panel["targets"].as_array().unwrap().iter().chain([panel]);
            for asked in asks {
                assert_eq!(asked["datasource"]["uid"], "${datasource}", "{name}: {title}");
            }
        }
        assert_eq!(json["uid"], name.trim_end_matches(".json"));
    }
}
