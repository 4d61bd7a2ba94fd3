//! A line plot as SVG that takes its colours from the page around it, so that one plot fits light, dark and paper.
//!
//! Plotting libraries write the colours into the SVG, which is right for one background only.

mod shapes;
mod values;

use std::fmt::Write;

use maud::{Markup, html};

pub use self::shapes::{Band, Line, Point, Threshold, Tick};

/// Of a plot as wide as the page, in its own units: CSS pixels, unless the page is narrower.
pub const WIDE: (f64, f64) = (720.0, 240.0);

/// Of a plot in a row of plots: so wide that its text is not drawn smaller than 12 pixels.
pub const NARROW: (f64, f64) = (330.0, 160.0);

/// Room for the numbers of the axes.
const LEFT: f64 = 48.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 24.0;

/// More of it where the horizontal axis has a title.
const TITLE: f64 = 16.0;

/// One plot.
pub struct Plot<'a> {
    /// What it shows.
    pub title: &'a str,
    /// Its width and height.
    pub size: (f64, f64),
    /// Where its vertical axis ends at least.
    pub top: f64,
    /// What stands below the horizontal axis.
    pub x_title: &'a str,
    /// Whether the horizontal axis is in seconds, so that the pointer can say where it is.
    pub in_seconds: bool,
    /// From left to right.
    pub x_ticks: Vec<Tick>,
    /// Times in which something happened, behind the lines.
    pub bands: Vec<Band>,
    /// Values from which on something is good or bad.
    pub thresholds: Vec<Threshold>,
    /// What is drawn.
    pub lines: Vec<Line>,
}

impl Plot<'_> {
    /// The plot with its title and legend.
    pub fn draw(&self) -> Markup {
        let values = self.lines.iter().flat_map(|line| &line.points).filter_map(|point| point.y);
        let y_ticks = ticks(values.fold(self.top, f64::max), if self.size == WIDE { 5 } else { 3 });
        let top = y_ticks.last().map_or(1.0, |tick| tick.at);
        let (first, last) = (self.x_ticks.first(), self.x_ticks.last());
        let (from, to) = first.zip(last).map_or((0.0, 1.0), |(first, last)| (first.at, last.at));
        let (width, height) = self.size;
        let bottom = BOTTOM + if self.x_title.is_empty() { 0.0 } else { TITLE };
        let frame = PlotArea { from, to, top, width, height, bottom };
        // What the page's script needs to read a value from the lines.
        let (zero_y, top_y) = (frame.y(0.0), frame.y(top));
        html! {
            figure {
                figcaption {
                    strong { (self.title) }
                    @for Line { name, class, .. } in &self.lines {
                        span.key {
                            svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true" {
                                path class={ "line " (class) } d="M1 4H23" {}
                            }
                            (name)
                        }
                    }
                }
                svg.plot viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(self.title) tabindex="0"
                    data-left=(LEFT) data-right=(width - RIGHT) data-zero=(zero_y) data-highest=(top_y)
                    data-from=(from) data-to=(to) data-top=[self.in_seconds.then_some(top)] {
                    @for Band { from, to, label } in &self.bands {
                        @let (left, right) = (frame.inside(*from), frame.inside(*to));
                        rect class=(if from == to { "band moment" } else { "band" }) x=(left) y=(TOP) width=(tenths(right - left).max(1.5)) height=(height - TOP - bottom) { title { (label) } }
                    }
                    @for Tick { at, label } in &y_ticks {
                        @let y = frame.y(*at);
                        path.grid d={ "M" (LEFT) " " (y) "H" (width - RIGHT) } {}
                        text x=(LEFT - 8.0) y=(y + 4.0) text-anchor="end" { (label) }
                    }
                    @for Tick { at, label } in &self.x_ticks {
                        text x=(frame.x(*at)) y=(height - bottom + 18.0) text-anchor="middle" { (label) }
                    }
                    text x=((LEFT + width - RIGHT) / 2.0) y=(height - 4.0) text-anchor="middle" { (self.x_title) }
                    @for Threshold { at, class } in self.thresholds.iter().filter(|threshold| threshold.at <= top) {
                        path class={ "threshold " (class) } d={ "M" (LEFT) " " (frame.y(*at)) "H" (width - RIGHT) } {}
                    }
                    @for Line { class, points, name } in &self.lines {
                        path class={ "line " (class) } d=(frame.path(points)) data-name=(name) {}
                        @for Point { x, y, hint } in points.iter().filter(|point| !point.hint.is_empty()) {
                            @if let Some(y) = y {
                                circle class=(class) cx=(frame.x(*x)) cy=(frame.y(*y)) r="4" { title { (hint) } }
                            }
                        }
                    }
                }
                p.reading aria-live="polite" {}
                (values::table(self.title, &self.x_ticks, &self.lines))
            }
        }
    }
}

/// The scale: where values lie in the plot.
struct PlotArea {
    from: f64,
    to: f64,
    top: f64,
    width: f64,
    height: f64,
    bottom: f64,
}

impl PlotArea {
    fn x(&self, x: f64) -> f64 {
        tenths(LEFT + (x - self.from) / (self.to - self.from) * (self.width - LEFT - RIGHT))
    }

    /// The same for something that may begin or end outside the plot.
    fn inside(&self, x: f64) -> f64 {
        self.x(x.clamp(self.from, self.to))
    }

    fn y(&self, y: f64) -> f64 {
        tenths(self.height - self.bottom - y / self.top * (self.height - TOP - self.bottom))
    }

    fn path(&self, points: &[Point]) -> String {
        let mut path = String::new();
        let mut step = 'M';
        for Point { x, y, .. } in points {
            step = match y {
                // Writing to a String cannot fail. A lone point is a line of no length, which round ends make a dot.
                Some(y) => {
                    let end = if step == 'M' { "h0" } else { "" };
                    let _ = write!(path, "{step}{} {}{end}", self.x(*x), self.y(*y));
                    'L'
                }
                None => 'M',
            };
        }
        path
    }
}

/// No screen shows more.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// About `count` round numbers from 0 to at least `most`.
pub fn ticks(most: f64, count: u32) -> Vec<Tick> {
    if most <= 0.0 {
        return ticks(1.0, 1);
    }
    let rough = most / f64::from(count);
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|nice| nice * power).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    let steps = (most / step).ceil() as u32;
    let at = |place| f64::from(place) * step;
    (0..=steps).map(|place| Tick { at: at(place), label: format::number(at(place), decimals) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_in_round_numbers() {
        let labels = |most| ticks(most, 5).into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(" ");
        assert_eq!(labels(9_400.0), "0 2,000 4,000 6,000 8,000 10,000");
        assert_eq!(labels(1.0), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(labels(0.031), "0.00 0.01 0.02 0.03 0.04");
        assert_eq!(labels(0.0), "0 1");
    }

    #[test]
    fn a_line_is_interrupted_where_nothing_was_measured() {
        let (width, height) = WIDE;
        let frame = PlotArea { from: 0.0, to: 3.0, top: 1.0, width, height, bottom: BOTTOM };
        let point = |x, y| Point { x, y, hint: String::new() };
        let path = frame.path(&[
            point(0.0, Some(0.0)),
            point(1.0, Some(1.0)),
            point(2.0, None),
            point(3.0, Some(0.0)),
        ]);
        assert_eq!(path, "M48 216h0L264 10M696 216h0");
    }
}
