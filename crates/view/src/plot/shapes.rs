//! What a plot is made of.

/// A part of the horizontal axis: as long as a load test ran, or the moment of a start or a crash.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// What happened.
    pub label: String,
}

/// A horizontal line.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// Where.
    pub at: f64,
    /// The class of its colour in the page's style.
    pub class: String,
}

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where.
    pub at: f64,
    /// What stands beside it.
    pub label: String,
}

/// One line.
pub struct Line {
    /// What the legend calls it.
    pub name: String,
    /// Its class in the page's style: `ok`, `before`, `e1`, …
    pub class: String,
    /// From left to right. Where there is no value, the line is interrupted.
    pub points: Vec<Point>,
}

/// One point of a line.
pub struct Point {
    /// Where.
    pub x: f64,
    /// How much; `None` where nothing was measured.
    pub y: Option<f64>,
    /// Its tooltip; empty where there are too many points.
    pub hint: String,
}
