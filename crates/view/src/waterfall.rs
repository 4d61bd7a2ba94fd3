//! Where one request spent its time: a bar for each program on its way, and below it what it did there. From the lines
//! that the programs log about it.

use std::sync::LazyLock;

use chrono::DateTime;
use format::{number, percent};
use maud::{Markup, html};
use regex_lite::Regex;

use crate::log_line::LogLine;

static TIMESTAMP: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z").expect("a regular expression"));

/// The columns of the drawing, and the height of a row.
const NAMES: f64 = 210.0;
const BARS: f64 = 480.0;
const TIMES: f64 = 110.0;
const ROW: f64 = 26.0;

/// One request.
#[derive(Debug, PartialEq)]
pub struct Waterfall {
    /// In the order in which they are drawn.
    pub bars: Vec<Bar>,
}

/// What took some of its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// A program, or what it did: `pool`, `query`.
    pub name: String,
    /// Whether it is a part of the bar above that is none.
    pub is_part: bool,
    /// When it began, in milliseconds.
    pub from_ms: f64,
    /// When it ended.
    pub to_ms: f64,
    /// The status of a program's answer.
    pub status: Option<u16>,
}

impl Waterfall {
    /// The request `id` in `lines`, each with the service that logged it; `None` when none of them tells a time.
    pub fn find(id: &str, lines: &[(String, String)]) -> Option<Self> {
        let mut programs: Vec<Vec<Bar>> =
            lines.iter().filter_map(|(service, line)| bars(id, service, line)).collect();
        // Who saw it first called the others; a proxy's clock is the coarser one, so that its length decides a draw.
        programs.sort_by(|one, other| length(&other[0]).total_cmp(&length(&one[0])));
        let bars: Vec<_> = programs.into_iter().flatten().collect();
        let begun_ms = bars.iter().map(|bar| bar.from_ms).reduce(f64::min)?;
        let moved = |bar: Bar| Bar { from_ms: bar.from_ms - begun_ms, to_ms: bar.to_ms - begun_ms, ..bar };
        Some(Self { bars: bars.into_iter().map(moved).collect() })
    }

    /// How long all of it took.
    fn length_ms(&self) -> f64 {
        self.bars.iter().map(|bar| bar.to_ms).fold(0.0, f64::max)
    }

    /// What took most of the time: `158.0 ms in all, 99.9 % of it: the wait for a connection.`
    pub fn in_words(&self) -> String {
        let all_ms = self.length_ms();
        let mut parts: Vec<(&str, f64)> = Vec::new();
        for bar in self.bars.iter().filter(|bar| bar.is_part) {
            match parts.iter_mut().find(|(name, _)| *name == bar.name) {
                Some((_, ms)) => *ms += length(bar),
                None => parts.push((&bar.name, length(bar))),
            }
        }
        let known_ms: f64 = parts.iter().map(|(_, ms)| ms).sum();
        parts.push(("rest", all_ms - known_ms));
        let (name, ms) =
            parts.into_iter().max_by(|(_, one), (_, other)| one.total_cmp(other)).unwrap_or_default();
        format!(
            "{} ms in all, {} of it: {}.",
            number(all_ms, 1),
            percent(ms / all_ms.max(f64::MIN_POSITIVE)),
            meaning(name)
        )
    }

    /// The bars, to scale.
    pub fn draw(&self) -> Markup {
        let scale = BARS / self.length_ms().max(0.001);
        let height = ROW * self.bars.len() as f64;
        let rows = || (0..).map(|row| f64::from(row) * ROW).zip(&self.bars);
        html! {
            div.scroll tabindex="0" {
                svg.waterfall viewBox={ "0 0 " (NAMES + BARS + TIMES) " " (height) } role="img" aria-label=(self.in_words()) {
                    @for (top, bar) in rows() {
                        @let indent = if bar.is_part { 16.0 } else { 0.0 };
                        text x=(indent) y=(top + 17.0) {
                            (if bar.is_part { meaning(&bar.name) } else { &bar.name })
                            @if let Some(status) = bar.status { " " (status) }
                        }
                        rect class=(color(bar)) x=(tenths(NAMES + bar.from_ms * scale)) y=(top + 5.0)
                            width=(tenths((length(bar) * scale).max(1.5))) height=(ROW - 10.0) rx="2" {}
                        text x=(tenths((NAMES + bar.to_ms * scale + 6.0).min(NAMES + BARS + 6.0))) y=(top + 17.0) {
                            (number(length(bar), 1)) " ms"
                        }
                    }
                }
            }
        }
    }
}

fn length(bar: &Bar) -> f64 {
    bar.to_ms - bar.from_ms
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// The class in the page's style: the colours of the reports.
fn color(bar: &Bar) -> &'static str {
    match &*bar.name {
        "pool" => "waiting",
        "query" | "redis" => "querying",
        _ if bar.is_part => "way",
        _ => "inside",
    }
}

/// What a part is, for people.
fn meaning(part: &str) -> &str {
    match part {
        "pool" => "the wait for a connection",
        "query" => "queries",
        "redis" => "calls of Redis",
        "rest" => "the programs themselves",
        other => other,
    }
}

/// What `line` says about the request `id`: the bar of `service`, and those of its parts.
fn bars(id: &str, service: &str, line: &str) -> Option<Vec<Bar>> {
    let read = LogLine::read(line);
    let number = |name: &str| read.field(name)?.parse::<f64>().ok();
    if read.field("request_id")? != id {
        return None;
    }
    // nginx counts in seconds and says when it was done; our programs write the time of the line.
    let (to_ms, took_ms) = match number("end") {
        Some(end_s) => (end_s * 1_000.0, number("took")? * 1_000.0),
        None => {
            let written = DateTime::parse_from_rfc3339(TIMESTAMP.find(line)?.as_str()).ok()?;
            (written.timestamp_micros() as f64 / 1_000.0, number("duration_ms")?)
        }
    };
    let from_ms = to_ms - took_ms;
    let status = number("status").map(|status| status as u16);
    let mut bars = vec![Bar { name: service.to_owned(), is_part: false, from_ms, to_ms, status }];
    for part in read.field("parts").unwrap_or_default().split(',') {
        let times = part.split_once(':').and_then(|(name, times)| Some((name, times.split_once('-')?)));
        if let Some((name, (begin, end))) = times
            && let (Ok(begin), Ok(end)) = (begin.parse::<f64>(), end.parse::<f64>())
        {
            let (from_ms, to_ms) = (from_ms + begin, from_ms + end);
            bars.push(Bar { name: name.to_owned(), is_part: true, from_ms, to_ms, status: None });
        }
    }
    Some(bars)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<(String, String)> {
        let line = |service: &str, line: &str| (service.to_owned(), line.to_owned());
        vec![
            line(
                "app1",
                r#"2026-11-28T10:00:00.150Z  INFO request request_id="load-1" status=503 duration_ms=140.0 parts="pool:0.5-130.5,query:131.0-139.0""#,
            ),
            line(
                "app2",
                r#"{"timestamp":"2026-11-28T10:00:00.150Z","level":"INFO","message":"request","request_id":"load-2","duration_ms":3.0,"status":200}"#,
            ),
            line(
                "nginx",
                "end=1795860000.152 request_id=load-1 status=503 took=0.144 upstream=127.0.0.1:3001 upstream_took=0.142",
            ),
            line("db", "2026-11-28 10:00:00.150 UTC [7] LOG: request_id=load-1"),
        ]
    }

    #[test]
    fn programs_and_parts_are_bars_from_the_first_moment_on() {
        let waterfall = Waterfall::find("load-1", &lines()).unwrap();
        let bars = waterfall.bars.iter().map(|bar| {
            format!(
                "{} {} {} {:.1}-{:.1}",
                bar.name,
                bar.is_part,
                bar.status.unwrap_or_default(),
                bar.from_ms,
                bar.to_ms
            )
        });
        insta::assert_snapshot!(bars.collect::<Vec<_>>().join("\n"), @r#"
        nginx false 503 0.0-144.0
        app1 false 503 2.0-142.0
        pool true 0 2.5-132.5
        query true 0 133.0-141.0
        "#);
        insta::assert_snapshot!(waterfall.in_words(), @"144.0 ms in all, 90.2 % of it: the wait for a connection.");
    }

    #[test]
    fn lines_of_containers_are_json_and_a_request_may_have_no_parts() {
        let waterfall = Waterfall::find("load-2", &lines()).unwrap();
        assert_eq!((waterfall.bars.len(), waterfall.bars[0].status), (1, Some(200)));
        insta::assert_snapshot!(waterfall.in_words(), @"3.0 ms in all, 100.0 % of it: the programs themselves.");
        assert_eq!(Waterfall::find("load-3", &lines()), None);
    }
}
