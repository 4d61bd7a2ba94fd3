//! Every metric that a dashboard asks for is emitted by a service or by the lab.

use anyhow::Context;
use regex_lite::Regex;
use serde_json::Value;

use super::{Finding, files};
use crate::files::read;

/// Suffixes that Prometheus adds to the name of a histogram.
const OF_HISTOGRAMS: [&str; 3] = ["_bucket", "_sum", "_count"];

pub fn check() -> anyhow::Result<Vec<Finding>> {
    let mut code = String::new();
    for source in files("crates/*/src/*.rs")? {
        code += &read(&source)?;
    }
    let emitted: Vec<_> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    // What is in braces are labels, in quotes their values, after `by` labels again, and before `(` a function.
    let noise = Regex::new(r#"\{[^}]*\}|"[^"]*"|\b(?:by|without|on|ignoring)\s*\([^)]*\)|\w+\s*\("#)?;
    let name = Regex::new(r"\b[a-z]+_[a-z_]+")?;
    let mut findings = Vec::new();
    for dashboard in files("dashboards/*.json")? {
        let text = read(&dashboard)?;
        let json = serde_json::from_str(&text).with_context(|| dashboard.clone())?;
        let mut queries = Vec::new();
        collect(&json, "expr", &mut queries);
        for query in queries {
            for metric in name.find_iter(&noise.replace_all(query, " ")) {
                let metric = metric.as_str();
                let base = OF_HISTOGRAMS.iter().find_map(|end| metric.strip_suffix(end)).unwrap_or(metric);
                if !emitted.contains(&base) {
                    let line = text.lines().position(|line| line.contains(metric)).unwrap_or_default() + 1;
                    findings.push(Finding {
                        place: format!("{dashboard}:{line}"),
                        wrong: format!("no program emits {base}"),
                        advice: "Correct the name, or emit the metric.".to_owned(),
                        heading: "metrics-of-dashboards",
                    });
                }
            }
        }
    }
    Ok(findings)
}

/// All strings under `key`, wherever in `json` they are.
fn collect<'a>(json: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(text) if name == key => found.push(text),
                    _ => collect(value, key, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, found)),
        _ => {}
    }
}
