//! A small line without axes: how a figure went in the last minute.

use std::fmt::Write;

use maud::{Markup, html};

/// In its own units.
const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 32.0;

/// So many values fill it.
pub const VALUES: usize = 60;

/// One value per second, the last one at the right end of those so far. The figures beside it say the same in numbers.
pub fn draw(values: &[f64]) -> Markup {
    let largest = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let mut points = String::new();
    for (index, value) in values.iter().enumerate() {
        let x = WIDTH * index as f64 / (VALUES - 1) as f64;
        let y = 1.0 + (HEIGHT - 2.0) * (1.0 - value / largest);
        let _ = write!(points, "{x:.1},{y:.1} ");
    }
    html! {
        svg.spark viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" aria-hidden="true" {
            polyline points=(points.trim_end()) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_is_at_the_top() {
        let svg = draw(&[0.0, 10.0, 5.0]).into_string();
        assert!(svg.contains(r#"points="0.0,31.0 4.1,1.0 8.1,16.0""#), "{svg}");
    }
}
