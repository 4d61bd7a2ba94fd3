//! The panels of a scenario's dashboard, drawn from what its Prometheus knows.

use std::time::Duration;

use maud::{Markup, html};
use observe::dashboard::{Dashboard, PanelKind, Prometheus, Range, Reading, Series, read};
use project::{Scenario, spec_file::Spec};

use crate::plot::{Line, NARROW, Plot, Point, Tick};

/// Draws the last `length` of `scenario`, which runs `spec`. Without data it shows why, and what to do.
/// Blocks for as long as Prometheus thinks.
pub fn draw(scenario: &Scenario, spec: &Spec, length: Duration) -> Markup {
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
                div.panels.stats { @for reading in stats { (panel(reading, range)) } }
                div.panels { @for reading in curves { (panel(reading, range)) } }
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

fn panel(reading: &Reading, range: Range) -> Markup {
    let panel = reading.panel;
    html! {
        section.panel {
            @match panel.kind {
                PanelKind::Stat => (stat(reading)),
                PanelKind::Timeseries => (curves(reading, range)),
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
fn curves(reading: &Reading, range: Range) -> Markup {
    let scale = reading.scale();
    let line = |(place, series): (usize, &Series)| {
        let color = reading.panel.color(&series.name);
        let color = color.map_or_else(|| format!("s{}", place % COLORS), |color| format!("c-{color}"));
        let last = series.shown(scale).unwrap_or_else(|| "-".to_owned());
        Line {
            name: format!("{} {last}", series.name),
            class: format!("{color} d{}", place % DASHES),
            points: points(series, scale.factor),
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
        x_ticks: ago(range),
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

/// Without hints: they would be most of the page.
fn points(series: &Series, factor: f64) -> Vec<Point> {
    let point = |(place, value): (usize, &Option<f64>)| Point {
        x: place as f64,
        y: value.map(|value| value * factor),
        hint: String::new(),
    };
    series.values.iter().enumerate().map(point).collect()
}

/// The horizontal axis: how long ago.
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
        Tick { at: ((length - before) / range.step) as f64, label: label(before) }
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
        assert_eq!(labels(0, 300, 2), "0 -5 min, 30 -4 min, 60 -3 min, 90 -2 min, 120 -1 min, 150 now");
        assert_eq!(labels(0, 20, 1), "0 -20 s, 5 -15 s, 10 -10 s, 15 -5 s, 20 now");
    }
}
