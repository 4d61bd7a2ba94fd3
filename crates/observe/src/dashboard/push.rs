//! Pushes metrics to Prometheus that the lab has scraped itself.
//!
//! Source: "Prometheus Remote-Write 1.0 specification"; Prometheus manual, "Exposition formats".

use std::{
    collections::BTreeMap,
    sync::LazyLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::ensure;
use loadgen::post;
use project::scrape_targets::Target;
use prost::Message;
use regex_lite::{Captures, Regex};

use crate::dashboard::Prometheus;

/// A second later there is something newer to tell.
const PATIENCE: Duration = Duration::from_secs(1);

const HEADERS: &str = "Content-Type: application/x-protobuf\r\nContent-Encoding: snappy\r\n\
    X-Prometheus-Remote-Write-Version: 0.1.0\r\n";

/// `http_requests_total{route="/feed",status="200"} 17`
static SERIES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$").expect("a regular expression"));
static LABEL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(\w+)="((?:[^"\\]|\\.)*)""#).expect("a regular expression"));
static ESCAPE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\\(.)").expect("a regular expression"));

#[derive(Message)]
struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    series: Vec<TimeSeries>,
}

#[derive(PartialEq, Message)]
struct TimeSeries {
    #[prost(message, repeated, tag = "1")]
    labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<Sample>,
}

#[derive(PartialEq, Message)]
struct Label {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(PartialEq, Message)]
struct Sample {
    #[prost(double, tag = "1")]
    value: f64,
    /// In milliseconds since 1970.
    #[prost(int64, tag = "2")]
    at_ms: i64,
}

impl Prometheus {
    /// Takes `text`, which `target` has just answered, as if Prometheus itself had asked. Blocks.
    ///
    /// # Errors
    /// When Prometheus is unavailable, or does not accept pushed metrics.
    pub fn push(&self, target: Target, text: &str) -> anyhow::Result<()> {
        let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
        let request = WriteRequest { series: series(target, text, at_ms) };
        let body = snap::raw::Encoder::new().compress_vec(&request.encode_to_vec())?;
        let headers = format!("{HEADERS}Authorization: {}\r\n", self.authorization());
        let answer = post(&self.address(), "/api/v1/write", &headers, &body, PATIENCE)?;
        let says = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status / 100 == 2, "Prometheus answers {} to what it is told: {says}", answer.status);
        Ok(())
    }
}

/// What Prometheus makes of a server's answer; that the server is there is a series as well.
fn series(Target { job, instance, .. }: Target, text: &str, at_ms: i64) -> Vec<TimeSeries> {
    let one = |line: &str| {
        let parts = SERIES.captures(line)?;
        let mut labels: BTreeMap<_, _> =
            LABEL.captures_iter(parts.get(2).map_or("", |all| all.as_str())).map(label).collect();
        // Sorted by name, as Prometheus demands.
        let ours = [("__name__", &parts[1]), ("job", job), ("instance", instance)];
        labels.extend(ours.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let labels = labels.into_iter().map(|(name, value)| Label { name, value }).collect();
        Some(TimeSeries { labels, samples: vec![Sample { value: parts[3].parse().ok()?, at_ms }] })
    };
    text.lines().chain(["up 1"]).filter_map(one).collect()
}

fn label(parts: Captures) -> (String, String) {
    let unescaped =
        |escape: &Captures| if &escape[1] == "n" { "\n".to_owned() } else { escape[1].to_owned() };
    (parts[1].to_owned(), ESCAPE.replace_all(&parts[2], unescaped).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_told_with_its_labels_and_whose_it_is() {
        let text =
            "# TYPE asked counter\nasked{route=\"/a/{id}\",path=\"\\\"b\\\\\"} 2.5e3\nidle 0\nnonsense\n";
        let told: Vec<_> = series(Target { job: "feed", instance: "app1", port: 1 }, text, 7)
            .into_iter()
            .map(|series| {
                let labels = series.labels.into_iter().map(|Label { name, value }| format!("{name}={value}"));
                (labels.collect::<Vec<_>>().join(" "), series.samples[0].value, series.samples[0].at_ms)
            })
            .collect();
        assert_eq!(
            told,
            [
                (r#"__name__=asked instance=app1 job=feed path="b\ route=/a/{id}"#.to_owned(), 2_500.0, 7),
                ("__name__=idle instance=app1 job=feed".to_owned(), 0.0, 7),
                ("__name__=up instance=app1 job=feed".to_owned(), 1.0, 7),
            ]
        );
    }
}
