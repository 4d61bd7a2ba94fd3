//! The panels of a scenario's dashboard, drawn from what its Prometheus knows.

use std::time::Duration;

use maud::{Markup, html};
use observe::{
    dashboard::{Dashboard, PanelKind, Prometheus, Range, Reading, Series, read},
    period::Period,
};
use project::{Scenario, spec_file::Spec};

use crate::plot::{Band, Line, NARROW, Plot, Point, Threshold, Tick};

/// Draws the last `length` of `scenario`, which runs `spec`, with the `periods` of that time. Without data it shows why, and
/// what to do. Blocks for as long as Prometheus thinks.
pub fn draw(scenario: &Scenario, spec: &Spec, length: Duration, periods: &[Period]) -> Markup {
    let range = Range::last(length);
    let dashboard = match Dashboard::read(scenario) {
        Ok(dashboard) => dashboard,
        Err(error) => return warning(&format!("{error:#}")),
    };
    let prometheus = match Prometheus::of(scenario, spec) {
        Ok(Some(prometheus)) => prometheus,
        Ok(None) => return warning(&no_prometheus(scenario)),
        Err(error) => return warning(&format!("{error:#}")),
    };
    match read(&dashboard, &prometheus, range) {
        Ok(readings) => {
            let (stats, curves): (Vec<_>, Vec<_>) =
                readings.iter().partition(|reading| reading.panel.kind == PanelKind::Stat);
            html! {
                div.panels.stats { @for reading in stats { (panel(reading, range, periods)) } }
                div.panels { @for reading in curves { (panel(reading, range, periods)) } }
            }
        }
        Err(error) => warning(&prometheus_fails(&error)),
    }
}

/// Why a scenario without a Prometheus shows nothing.
pub fn no_prometheus(scenario: &Scenario) -> String {
    format!(
        "Monitoring is off: no Prometheus runs for this scenario. See whether it is installed with: cargo lab doctor. \
        Then run: cargo lab up {}",
        scenario.number
    )
}

/// Why one with a Prometheus shows nothing just now.
pub fn prometheus_fails(error: &anyhow::Error) -> String {
    format!("{error:#}. See its log: cargo lab logs prometheus")
}

fn warning(text: &str) -> Markup {
    html! { p.warning role="status" { (text) } }
}

fn panel(reading: &Reading, range: Range, periods: &[Period]) -> Markup {
    let panel = reading.panel;
    html! {
        section.panel {
            @match panel.kind {
                PanelKind::Stat => (stat(reading)),
                PanelKind::Timeseries => (curves(reading, range, periods)),
            }
            details id={ "panel-" (panel.id) } { summary { "What is this?" } p { (panel.description) } }
        }
    }
}

/// The last value, in the colour of its threshold.
fn stat(reading: &Reading) -> Markup {
    let series = reading.series.first();
    let value = series.and_then(Series::last);
    let shown = series.zip(value).and_then(|(series, value)| series.shown(reading.panel.unit().scale(value)));
    let verdict = value.and_then(|value| reading.panel.verdict(value));
    html! {
        h3 { (reading.panel.title) }
        p.value class=[verdict.map(|color| format!("c-{color}"))] {
            @match shown {
                Some(shown) => (shown),
                None => span.soft { "not measured" },
            }
        }
    }
}

/// A line per series; the legend has the last value of each.
fn curves(reading: &Reading, range: Range, periods: &[Period]) -> Markup {
    let scale = reading.scale();
    let line = |(place, series): (usize, &Series)| {
        let color = reading.panel.color(&series.name);
        let color = color.map_or_else(|| format!("s{}", place % COLORS), |color| format!("c-{color}"));
        let last = series.shown(scale).unwrap_or_else(|| "-".to_owned());
        Line {
            name: format!("{} {last}", series.name),
            class: format!("{color} d{}", place % DASHES),
            points: points(series, scale.factor, range),
        }
    };
    let title = match scale.suffix {
        "" => reading.panel.title.clone(),
        "/s" if reading.panel.title.contains("per second") => reading.panel.title.clone(),
        suffix => format!("{}, in {suffix}", reading.panel.title),
    };
    let plot = Plot {
        title: &title,
        size: NARROW,
        top: reading.panel.max().unwrap_or_default() * scale.factor,
        x_title: if reading.is_empty() { "no data in this period" } else { "" },
        in_seconds: true,
        x_ticks: ago(range),
        bands: periods.iter().filter_map(|period| band(period, range)).collect(),
        thresholds: reading
            .panel
            .thresholds()
            .map(|(at, color)| Threshold { at: at * scale.factor, class: format!("c-{color}") })
            .collect(),
        lines: told(reading).enumerate().map(line).collect(),
    };
    plot.draw()
}

/// All series of a panel; of many only those that have a colour of their own, or were ever more than nothing.
pub fn told<'a>(reading: &'a Reading) -> impl Iterator<Item = &'a Series> {
    let all = reading.series.len() <= FEW;
    let has_color = |series: &Series| reading.panel.color(&series.name).is_some();
    reading.series.iter().filter(move |series| all || has_color(series) || !series.is_nothing())
}

/// So many lines can be told apart, and their legend read.
const FEW: usize = 5;

/// How many there are in the page's style.
const COLORS: usize = 6;
const DASHES: usize = 4;

/// The part of `period` in the `range`, in seconds from now; `None` without one.
fn band(period: &Period, range: Range) -> Option<Band> {
    let from_now = |unix_s: u64| unix_s as f64 - range.to as f64;
    let is_in = period.from_unix_s <= range.to && period.to_unix_s >= range.from;
    let label = period.label.clone();
    is_in.then(|| Band { from: from_now(period.from_unix_s), to: from_now(period.to_unix_s), label })
}

/// In seconds from now. Without hints: they would be most of the page.
fn points(series: &Series, factor: f64, range: Range) -> Vec<Point> {
    let length = (range.to - range.from) as f64;
    let point = |(place, value): (usize, &Option<f64>)| Point {
        x: place as f64 * range.step as f64 - length,
        y: value.map(|value| value * factor),
        hint: String::new(),
    };
    series.values.iter().enumerate().map(point).collect()
}

/// The horizontal axis, in seconds from now: how long ago.
fn ago(range: Range) -> Vec<Tick> {
    let length = range.to - range.from;
    let label = |seconds: u64| match seconds {
        0 => "now".to_owned(),
        60.. if length.is_multiple_of(60) => format!("-{} min", seconds / 60),
        _ => format!("-{seconds} s"),
    };
    let parts = if length.is_multiple_of(300) { 5 } else { 4 };
    let tick = |part: u64| {
        let before = length - length * part / parts;
        // Not -0.
        Tick { at: 0.0 - before as f64, label: label(before) }
    };
    (0..=parts).map(tick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_tells_how_long_ago_it_was() {
        let labels = |from, to, step| {
            let ticks = ago(Range { from, to, step });
            ticks.into_iter().map(|tick| format!("{} {}", tick.at, tick.label)).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(
            labels(0, 300, 2),
            "-300 -5 min, -240 -4 min, -180 -3 min, -120 -2 min, -60 -1 min, 0 now"
        );
        assert_eq!(labels(0, 20, 1), "-20 -20 s, -15 -15 s, -10 -10 s, -5 -5 s, 0 now");
    }
}
