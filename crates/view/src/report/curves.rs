//! What a run looks like: over its time, and by percentile.

use std::collections::BTreeSet;

use format::number;
use loadgen::{Latencies, Outcome, Row, Run, mark_if_few};

use crate::{
    plot::{Line, Plot, Point, Tick, WIDE, ticks},
    report::outcomes::outcome,
};

/// A run, and how its lines differ from another's.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// What was measured.
    pub run: &'a Run,
    /// Before the names in a legend, `run 003: `; empty where there is only one run.
    pub prefix: &'a str,
    /// The class of its lines; `None` where there is only one run and each line has a colour of its own.
    pub class: Option<&'a str>,
}

/// Good answers and errors per second.
pub fn answers(shown: &[Shown]) -> Plot<'static> {
    let mut lines = Vec::new();
    for each in shown {
        lines.push(each.over_time("ok", "ok", |row| Some(row.ok as f64), |_| "ok".to_owned()));
        let classes: BTreeSet<Outcome> = each.rows().flat_map(|row| row.errors.keys().copied()).collect();
        for class in classes {
            let count = move |row: &Row| Some(row.errors.get(&class).copied().unwrap_or_default() as f64);
            let place = Outcome::ERRORS.iter().position(|error| *error == class).unwrap_or_default();
            lines.push(each.over_time(outcome(class), &format!("error e{place}"), count, move |_| {
                outcome(class).to_owned()
            }));
        }
    }
    over_time("Requests per second", shown, lines)
}

/// Latency of the successful requests, second by second.
pub fn latencies(shown: &[Shown]) -> Plot<'static> {
    let lines = shown.iter().flat_map(|each| {
        [
            each.over_time("p99", "p99", |row| row.p99_ms, |row| mark_if_few(row.ok, 0.99, "ms".to_owned())),
            each.over_time("p50", "p50", |row| row.p50_ms, |row| mark_if_few(row.ok, 0.5, "ms".to_owned())),
        ]
    });
    over_time("Latency of the successful requests, in milliseconds", shown, lines.collect())
}

/// How long the successful requests took that were among the fastest 50 %, 90 %, 99 %, …
pub fn percentiles(shown: &[Shown]) -> Plot<'static> {
    let all = shown.iter().map(|each| (each, good(each.run)));
    let drawn: Vec<_> = all.filter(|(_, latencies)| latencies.count() > 0).collect();
    // No percentile is shown that rests on less than one request.
    let nines =
        drawn.iter().map(|(_, latencies)| (latencies.count() as f64).log10()).fold(1.0, f64::max).min(5.0);
    let lines = drawn.iter().map(|(each, latencies)| {
        let last = (latencies.count() as f64).log10().min(nines);
        let point = |step: u32| {
            let x = f64::from(step) / 20.0;
            let share = 1.0 - 10_f64.powf(-x);
            let y = latencies.quantile_ms(share);
            let shown = format!("{} ms", number(y.unwrap_or_default(), 1));
            let hint = format!("{} %: {}", trimmed(share), mark_if_few(latencies.count(), share, shown));
            Point { x, y, hint }
        };
        let points = (0..=(last * 20.0) as u32).map(point).collect();
        each.line("all successful requests", "p99", points)
    });
    let label = |(at, share): (f64, &str)| Tick { at, label: format!("{share} %") };
    let marks =
        [(0.0, "0"), (0.301, "50"), (1.0, "90"), (2.0, "99"), (3.0, "99.9"), (4.0, "99.99"), (5.0, "99.999")];
    let mut x_ticks: Vec<_> = marks.into_iter().filter(|(at, _)| *at <= nines).map(label).collect();
    x_ticks.push(Tick { at: nines, label: String::new() });
    Plot {
        title: "Latency by percentile, in milliseconds",
        size: WIDE,
        top: 0.0,
        x_title: "share of the successful requests that were at least as fast",
        in_seconds: false,
        x_ticks,
        bands: Vec::new(),
        thresholds: Vec::new(),
        lines: lines.collect(),
    }
}

fn over_time(title: &'static str, shown: &[Shown], lines: Vec<Line>) -> Plot<'static> {
    let seconds = shown.iter().map(|each| each.rows().count()).max().unwrap_or_default();
    let last = seconds.saturating_sub(1).max(1) as f64;
    let mut x_ticks: Vec<_> = ticks(last, 6).into_iter().filter(|tick| tick.at <= last).collect();
    x_ticks.push(Tick { at: last, label: String::new() });
    Plot {
        title,
        size: WIDE,
        top: 0.0,
        x_title: "second of the measurement",
        in_seconds: true,
        x_ticks,
        bands: Vec::new(),
        thresholds: Vec::new(),
        lines,
    }
}

impl Shown<'_> {
    /// Those of the measurement: what arrived later was only waited for.
    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.run.rows.iter().filter(|row| row.second < self.run.measured_s.round() as u64)
    }

    fn over_time(
        &self,
        name: &str,
        class: &str,
        value: impl Fn(&Row) -> Option<f64>,
        unit: impl Fn(&Row) -> String,
    ) -> Line {
        let point = |row: &Row| {
            let y = value(row);
            let hint = format!("second {}: {} {}", row.second, number(y.unwrap_or_default(), 0), unit(row));
            Point { x: row.second as f64, y, hint }
        };
        self.line(name, class, self.rows().map(point).collect())
    }

    fn line(&self, name: &str, class: &str, points: Vec<Point>) -> Line {
        let class = [Some(class), self.class].into_iter().flatten().collect::<Vec<_>>().join(" ");
        Line { name: format!("{}{name}", self.prefix), class, points }
    }
}

fn good(run: &Run) -> Latencies {
    let mut good = Latencies::default();
    let blocks = run.endpoints.iter().flat_map(|endpoint| &endpoint.blocks);
    blocks.filter_map(|block| block.get(&Outcome::Ok)).for_each(|latencies| good.add(latencies));
    good
}

/// A share as a percentage, with as many nines as it needs.
fn trimmed(share: f64) -> String {
    let percent = format!("{:.3}", 100.0 * share);
    percent.trim_end_matches('0').trim_end_matches('.').to_owned()
}
