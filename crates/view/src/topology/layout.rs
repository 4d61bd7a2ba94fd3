//! Where everything goes: side by side where there is room, else one below the other.
//!
//! Both pictures are drawn to scale 1 in CSS pixels, so that their text is as large as the text around them.

use std::fmt::Write;

use crate::topology::{Column, Topology};

/// The positions in the diagram.
#[derive(Debug)]
pub struct Layout {
    pub width: f64,
    pub height: f64,
    /// Of each box, by its place in [`Topology::boxes`].
    pub boxes: Vec<Rect>,
    /// Of each arrow, by its place in [`Topology::arrows`].
    pub arrows: Vec<Curve>,
    /// How wide a letter is at most, on average: of 12 pixels in the wide diagram, of 11 in the narrow one.
    pub letter: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// The line of an arrow.
#[derive(Debug)]
pub struct Curve {
    /// As in the attribute `d` of a path.
    pub path: String,
    /// Where it ends, and whether it goes down there, and not to the right.
    pub head: (f64, f64, bool),
    /// Where its text begins (above the line and below it).
    pub text: (f64, f64),
}

/// Of a box with its name, its state and two notes.
const HEIGHT: f64 = 74.0;
/// Of those that only look on: a name and a state.
const APART: f64 = 44.0;
/// Between boxes.
const GAP: f64 = 20.0;
/// Along which an arrow is straight, for its text.
const STRAIGHT: f64 = 88.0;
/// Of an arrow's head; the line ends in it.
pub const HEAD: f64 = 9.0;

/// The columns beside each other.
pub fn wide(topology: &Topology) -> Layout {
    // Each with its left edge and its width. Where one is empty, the others stay: so a new nginx moves no other box.
    let columns = [
        (Column::Callers, 0.0, 156.0),
        (Column::Balancers, 252.0, 116.0),
        (Column::Servers, 486.0, 156.0),
        (Column::Stores, 790.0, 156.0),
    ];
    let columns = columns.map(|(which, x, width)| (topology.places(which).collect::<Vec<_>>(), x, width));
    let most = columns.iter().map(|(places, ..)| places.len()).max().unwrap_or_default();
    let mut height = most as f64 * (HEIGHT + GAP);
    let mut boxes = vec![Rect { x: 0.0, y: 0.0, width: 0.0, height: HEIGHT }; topology.boxes.len()];
    for (places, x, width) in &columns {
        let slot = height / places.len() as f64;
        for (row, place) in places.iter().enumerate() {
            let y = (row as f64 + 0.5) * slot - HEIGHT / 2.0;
            boxes[*place] = Rect { x: *x, y, width: *width, height: HEIGHT };
        }
    }
    for (number, place) in topology.places(Column::Apart).enumerate() {
        boxes[place] = Rect { x: number as f64 * 176.0, y: height + GAP, width: 156.0, height: APART };
    }
    if topology.places(Column::Apart).next().is_some() {
        height += GAP + APART;
    }
    let arrows = topology.arrows.iter().map(|arrow| {
        let (from, to) = (boxes[arrow.from], boxes[arrow.to]);
        let (start, end) = ((from.right(), from.y + HEIGHT * topology.port(arrow)), (to.x, to.middle().1));
        // The text stands where the figure belongs: before the server that counts what comes, behind the one that counts
        // what it asks for.
        let (straight_from, straight_to) = match arrow.flow {
            Some(_) => (start.0 + STRAIGHT + 4.0, end.0 - HEAD),
            None => (start.0, (end.0 - STRAIGHT).max(start.0)),
        };
        let bend = (straight_to - straight_from) / 2.0;
        let path = format!(
            "M{} {}H{straight_from}C{} {} {} {} {straight_to} {}H{}",
            start.0,
            start.1,
            straight_from + bend,
            start.1,
            straight_to - bend,
            end.1,
            end.1,
            end.0 - HEAD
        );
        let text = if arrow.flow.is_some() { (start.0 + 6.0, start.1) } else { (straight_to + 2.0, end.1) };
        Curve { path, head: (end.0, end.1, false), text }
    });
    let arrows = arrows.collect();
    Layout { width: 946.0, height, boxes, arrows, letter: 6.4 }
}

/// Where the lines of the narrow diagram run down: left of all boxes, those of the callers and those of nginx; right of
/// all boxes, those to the stores.
const CALLERS_LINE: f64 = 8.0;
const BALANCERS_LINE: f64 = 20.0;
const STORES_LINE: f64 = 322.0;

/// One below the other; the servers between the lines that lead to them and those that lead on.
pub fn narrow(topology: &Topology) -> Layout {
    let mut boxes = vec![Rect { x: 0.0, y: 0.0, width: 0.0, height: HEIGHT }; topology.boxes.len()];
    let mut y = 0.0;
    for (column, x, width, height, a_row, below) in [
        (Column::Callers, 28.0, 136.0, HEIGHT, 2, 44.0),
        (Column::Balancers, 28.0, 136.0, HEIGHT, 2, 24.0),
        (Column::Servers, 92.0, 136.0, HEIGHT, 1, 36.0),
        (Column::Stores, 28.0, 136.0, HEIGHT, 2, GAP),
        (Column::Apart, 28.0, 136.0, APART, 2, 0.0),
    ] {
        let places: Vec<_> = topology.places(column).collect();
        for (number, place) in places.iter().enumerate() {
            let (row, position) = ((number / a_row) as f64, (number % a_row) as f64);
            let (x, y) = (x + position * (width + GAP), y + row * (height + GAP));
            boxes[*place] = Rect { x, y, width, height };
        }
        let rows = places.len().div_ceil(a_row) as f64;
        if rows > 0.0 {
            y += rows * (height + GAP) - GAP + below;
        }
    }
    let stores: Vec<_> = topology.places(Column::Stores).collect();
    let arrows = topology.arrows.iter().map(|arrow| {
        let (from, to) = (boxes[arrow.from], boxes[arrow.to]);
        let mut path = String::new();
        // Writing to a String cannot fail.
        let _ = match (topology.boxes[arrow.from].column, topology.boxes[arrow.to].column) {
            (_, Column::Stores) => {
                let which = stores.iter().position(|store| *store == arrow.to).unwrap_or_default() as f64;
                let start = from.y + HEIGHT * topology.port(arrow);
                write!(
                    path,
                    "M{} {start}H{}V{}H{}V{}",
                    from.right(),
                    STORES_LINE - 10.0 * which,
                    to.y - 12.0 - 8.0 * which,
                    to.middle().0,
                    to.y - HEAD
                )
            }
            (_, Column::Balancers) => {
                let x = from.middle().0;
                write!(
                    path,
                    "M{x} {}V{}H{}V{}",
                    from.bottom(),
                    from.bottom() + 10.0,
                    to.middle().0,
                    to.y - HEAD
                )
            }
            (column, _) => {
                let line = if column == Column::Balancers { BALANCERS_LINE } else { CALLERS_LINE };
                let x = from.x + 20.0;
                let bend = from.bottom() + 10.0;
                write!(path, "M{x} {}V{bend}H{line}V{}H{}", from.bottom(), to.middle().1, to.x - HEAD)
            }
        };
        let goes_down = matches!(topology.boxes[arrow.to].column, Column::Stores | Column::Balancers);
        let head = if goes_down { (to.middle().0, to.y, true) } else { (to.x, to.middle().1, false) };
        let text = match (&arrow.flow, goes_down) {
            (Some(_), _) => (from.right() + 4.0, from.y + HEIGHT * topology.port(arrow)),
            (None, true) => (to.middle().0 + 12.0, to.y - 16.0),
            (None, false) => (BALANCERS_LINE + 4.0, to.middle().1),
        };
        Curve { path, head, text }
    });
    let arrows = arrows.collect();
    Layout { width: 328.0, height: y, boxes, arrows, letter: 5.9 }
}

impl Rect {
    pub fn middle(&self) -> (f64, f64) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
}
