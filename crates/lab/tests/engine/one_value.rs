//! A figure of a run has one value, wherever it is shown: in the terminal, in JSON, in a report and on the page.

use std::fs;

use format::{count, latency, number, percent, throughput};
use serde_json::Value;

use crate::{
    checkout::{Checkout, stderr},
    page::Page,
    site::LESSON,
};

/// The figures of a run that are shown in several places.
const FIGURES: [&str; 4] = ["requests", "ok", "success_rate", "ok_per_s"];

/// What people read of a run.
struct Shown {
    success: String,
    ok_per_s: String,
    ok: String,
    requests: String,
    /// p50, p95, p99 and the largest, without their unit.
    latencies: [String; 4],
    p99: String,
}

impl Shown {
    /// Of the run that the JSON object `run` describes.
    fn of(run: &Value) -> Self {
        let figure = |key: &str| run[key].as_f64().unwrap_or_else(|| panic!("{key}: {run:#}"));
        let ms = |key: &str| run["latency_ms"][key].as_f64().unwrap();
        Self {
            success: percent(figure("success_rate")),
            ok_per_s: throughput(figure("ok_per_s")),
            ok: count(figure("ok") as u64),
            requests: count(figure("requests") as u64),
            latencies: ["p50", "p95", "p99", "max"].map(|key| number(ms(key), 1)),
            p99: latency(ms("p99")),
        }
    }
}

fn text(checkout: &Checkout, arguments: &[&str]) -> String {
    let output = checkout.lab(arguments);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The cells of the row of a Markdown table that begins with `first`.
fn cells(table: &str, first: &str) -> Vec<String> {
    let rows = table.lines().map(|line| line.trim_matches('|').split('|').map(str::trim).map(str::to_owned));
    let mut rows = rows.map(Iterator::collect::<Vec<_>>);
    rows.find(|row| row[0] == first).unwrap_or_else(|| panic!("no row {first}: {table}"))
}

fn has_cells(html: &str, what: &str, values: &[&str]) {
    for value in values {
        assert!(html.contains(&format!(">{value}<")), "{what} does not show {value}: {html}");
    }
}

#[test]
fn every_figure_of_a_run_has_one_value_in_the_terminal_in_json_in_reports_and_on_the_page() {
    let checkout = Checkout::new();
    checkout.add_page(LESSON);
    let page = Page::of(&checkout.up());
    let summary = text(&checkout, &["load", "--duration", "2s"]);
    checkout.lab(&["apply-fix"]);
    let load = checkout.load(&["--duration", "2s"]);

    // JSON of all commands.
    let results = checkout.json(&["results"]);
    let [before, after] = &results["runs"].as_array().unwrap()[..] else { panic!("{results:#}") };
    for key in FIGURES.iter().chain(&["latency_ms"]) {
        assert_eq!(load[key], after[key], "{key}");
    }
    let compare: Value =
        serde_json::from_str(&text(&checkout, &["compare", "001", "002", "--json"])).unwrap();
    let changes = compare["changes"].as_array().unwrap();
    for (key, change) in ["/ok_per_s", "/latency_ms/p99", "/success_rate"].iter().zip(changes) {
        assert_eq!(change["before"], *before.pointer(key).unwrap(), "{key}: {change:#}");
        assert_eq!(change["after"], *after.pointer(key).unwrap(), "{key}: {change:#}");
        let [low, ratio, high] = ["low", "change", "high"].map(|key| change[key].as_f64().unwrap());
        assert!(low <= ratio && ratio <= high, "{change:#}");
    }

    // The terminal.
    let [before, after] = [before, after].map(Shown::of);
    let line = |name: &str| {
        let line = summary.lines().find_map(|line| line.trim().strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name}: {summary}")).trim().to_owned()
    };
    let Shown { success, ok, requests, latencies: [p50, p95, p99, max], .. } = &before;
    assert_eq!(line("success rate"), format!("{success} ({ok} of {requests} requests)"));
    assert_eq!(line("ok per second"), before.ok_per_s);
    assert!(
        line("latency of ok").ends_with(&format!("p50 {p50}, p95 {p95}, p99 {p99}, max {max}")),
        "{summary}"
    );
    let results = text(&checkout, &["results"]);
    for (id, run) in [("001", &before), ("002", &after)] {
        let row = cells(&results, id);
        for value in [&run.success, &run.ok_per_s, &run.p99] {
            assert!(row.contains(value), "no {value} in {row:?}");
        }
    }
    let compare = text(&checkout, &["compare", "001", "002"]);
    assert_eq!(cells(&compare, "Ok per second")[1..3], [&*before.ok_per_s, &*after.ok_per_s]);
    assert_eq!(cells(&compare, "p99 latency")[1..3], [&*before.p99, &*after.p99]);
    assert_eq!(cells(&compare, "Success")[1..3], [&*before.success, &*after.success]);

    // Reports and the page.
    let cookie = page.cookie();
    let get = |path: &str| {
        let answer = page.ask("GET", path, &[("Cookie", &cookie)], "");
        assert_eq!(answer.status, 200, "{path}");
        String::from_utf8(answer.body).unwrap()
    };
    let report = |runs: &[&str]| {
        let report = checkout.json(&[&["report"], runs].concat());
        fs::read_to_string(report["path"].as_str().unwrap()).unwrap()
    };
    let Shown { success, ok_per_s, ok, latencies: [p50, p95, p99, max], .. } = &after;
    let all: [&str; 7] = [success, ok_per_s, ok, p50, p95, p99, max];
    has_cells(&report(&["002"]), "the report", &all);
    has_cells(&get("/runs?run=002"), "the run on the page", &all);
    let both = [&before, &after].map(|run| [&*run.success, &run.ok_per_s, &run.p99]).concat();
    has_cells(&report(&["001", "002"]), "the report of two", &both);
    has_cells(&get("/runs?before=001&after=002"), "the comparison on the page", &both);
    has_cells(&get("/runs"), "the table of runs", &both);
    has_cells(&get("/"), "the load card", &[&after.success, &after.ok_per_s, &after.p99]);
}

#[test]
fn a_plan_took_what_its_text_says() {
    let checkout = Checkout::new();
    checkout.add_page(LESSON);
    let page = Page::of(&checkout.up());
    let shown = text(&checkout, &["explain"]);
    let took = |text: &str| {
        let line = text.lines().find_map(|line| line.trim().split("Execution Time: ").nth(1));
        line.unwrap_or_else(|| panic!("{text}")).split('<').next().unwrap().to_owned()
    };
    assert!(shown.contains(&format!("It took {}.", took(&shown))), "{shown}");
    let cookie = page.cookie();
    let asked = page.ask("GET", "/system", &[("Cookie", &cookie)], "");
    let html = String::from_utf8(asked.body).unwrap();
    assert!(html.contains(&format!("The query took {}.", took(&html))), "{html}");
}
