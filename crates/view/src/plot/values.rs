//! The values of a plot as a table: for a screen reader, and for whoever wants the numbers.

use format::short;
use maud::{Markup, html};

use super::shapes::{Line, Tick};

/// A row per line; a column per mark of the horizontal axis, with the value nearest to it.
pub fn table(title: &str, ticks: &[Tick], lines: &[Line]) -> Markup {
    let id: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let marks = || ticks.iter().filter(|tick| !tick.label.is_empty());
    html! {
        details.values id={ "values-" (id) } {
            summary { "Values as a table" }
            div.scroll tabindex="0" { table {
                tr { th { (title) } @for Tick { label, .. } in marks() { th.number { (label) } } }
                @for line in lines {
                    tr { td { (line.name) } @for tick in marks() { td.number { (value(line, tick.at)) } } }
                }
            } }
        }
    }
}

/// The value of `line` nearest to `at`; `-` where nothing was measured there.
fn value(line: &Line, at: f64) -> String {
    let distance = |x: f64| (x - at).abs();
    let nearest = line.points.iter().min_by(|one, other| distance(one.x).total_cmp(&distance(other.x)));
    nearest.and_then(|point| point.y).map_or_else(|| "-".to_owned(), short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::Point;

    #[test]
    fn a_column_has_the_value_nearest_to_its_mark() {
        let point = |x, y| Point { x, y, hint: String::new() };
        let points = vec![point(0.0, Some(1.0)), point(2.0, Some(345.6)), point(4.0, None)];
        let line = Line { name: "ok".to_owned(), class: String::new(), points };
        assert_eq!([0.0, 1.9, 3.9].map(|at| value(&line, at)), ["1", "346", "-"]);
    }
}
