//! All panels of a dashboard as text, at a moment.

use std::fmt::{self, Display, Formatter};

use observe::dashboard::{PanelKind, Range, Reading, Scale, Series};
use project::Scenario;
use serde::Serialize;

use crate::panels;

/// Columns of the screen that a panel needs.
const PANEL_WIDTH: usize = 72;

/// Of the terminal, in characters.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// From top to bottom.
    pub rows: usize,
    /// From left to right.
    pub columns: usize,
}

/// All panels at a moment.
#[derive(Debug, Serialize)]
pub struct PanelText {
    scenario: u8,
    /// Seconds since 1970: those of the first and of the last value.
    from_s: u64,
    to_s: u64,
    step_s: u64,
    panels: Vec<Panel>,
}

#[derive(Debug, Serialize)]
struct Panel {
    id: u32,
    title: String,
    #[serde(skip)]
    kind: PanelKind,
    #[serde(skip)]
    scale: Scale,
    series: Vec<Series>,
}

impl Panel {
    fn of(reading: &Reading) -> Self {
        Self {
            id: reading.panel.id,
            title: reading.panel.title.clone(),
            kind: reading.panel.kind,
            scale: reading.scale(),
            series: panels::told(reading).cloned().collect(),
        }
    }

    /// Its title, and a line for each series: its name, its course, its last value.
    fn lines(&self) -> Vec<String> {
        let names = self.series.iter().map(|series| series.name.chars().count());
        let width = names.max().unwrap_or_default().min(22);
        let most =
            self.series.iter().flat_map(|series| &series.values).flatten().copied().fold(0.0, f64::max);
        let line = |series: &Series| {
            let name: String = series.name.chars().take(width).collect();
            format!("  {name:<width$} {} {}", course(series, most), self.last(series))
        };
        let lines = self.series.iter().map(line);
        std::iter::once(self.title.clone()).chain(lines).chain([String::new()]).collect()
    }

    fn last(&self, series: &Series) -> String {
        series.shown(self.scale).unwrap_or_else(|| "-".to_owned())
    }
}

/// A column per value, as high as it is against `most`.
fn course(series: &Series, most: f64) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let column = |value: &Option<f64>| match value {
        Some(value) if most > 0.0 => HEIGHTS[(value.max(0.0) / most * 7.0).round() as usize],
        Some(_) => HEIGHTS[0],
        None => ' ',
    };
    series.values.iter().map(column).collect()
}

impl PanelText {
    /// What was read of `scenario` in `range`.
    pub fn of(scenario: &Scenario, range: Range, readings: &[Reading]) -> Self {
        let Range { from: from_s, to: to_s, step: step_s } = range;
        let panels = readings.iter().map(Panel::of).collect();
        Self { scenario: scenario.number, from_s, to_s, step_s, panels }
    }

    /// The last values that stand alone, in a line each.
    fn stats(&self) -> impl Iterator<Item = String> {
        let stats = self.panels.iter().filter(|panel| panel.kind == PanelKind::Stat);
        stats.map(|panel| {
            let last = panel.series.first().map_or_else(|| "-".to_owned(), |series| panel.last(series));
            format!("{}: {last}", panel.title)
        })
    }

    fn courses(&self) -> impl Iterator<Item = &Panel> {
        self.panels.iter().filter(|panel| panel.kind == PanelKind::Timeseries)
    }

    /// As much as a screen holds, in as many columns as it has room for.
    pub fn fit(&self, Size { rows, columns }: Size) -> String {
        let head = in_lines(self.stats(), columns);
        let room = rows.saturating_sub(3 + head.len());
        let mut stacks: Vec<Vec<String>> = vec![Vec::new(); (columns / PANEL_WIDTH).max(1)];
        let mut left_out = 0;
        for lines in self.courses().map(Panel::lines) {
            // Read from left to right, as on the page.
            match stacks.iter_mut().min_by_key(|stack| stack.len()) {
                Some(stack) if stack.len() + lines.len() <= room => stack.extend(lines),
                _ => left_out += 1,
            }
        }
        let height = stacks.iter().map(Vec::len).max().unwrap_or_default();
        let row = |row: usize| {
            let cell = |stack: &Vec<String>| {
                let text: String =
                    stack.get(row).map_or("", String::as_str).chars().take(PANEL_WIDTH - 2).collect();
                format!("{text:<PANEL_WIDTH$}")
            };
            let row: String = stacks.iter().map(cell).collect();
            row.trim_end().chars().take(columns).collect::<String>() + "\n"
        };
        let body: String = (0..height).map(row).collect();
        let more = match left_out {
            0 => String::new(),
            _ => format!("; {left_out} more panels in a larger window"),
        };
        format!("{}\n\n{body}q quits{more}", head.join("\n"))
    }
}

/// As many of `texts` in each line as fit into `columns`.
fn in_lines(texts: impl Iterator<Item = String>, columns: usize) -> Vec<String> {
    const GAP: &str = "   ";
    let mut lines: Vec<String> = vec![String::new()];
    for text in texts {
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = text,
            Some(line) if line.chars().count() + GAP.len() + text.chars().count() <= columns => {
                *line += &(GAP.to_owned() + &text);
            }
            _ => lines.push(text),
        }
    }
    lines
}

impl Display for PanelText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for stat in self.stats() {
            writeln!(f, "{stat}")?;
        }
        for panel in self.courses() {
            write!(f, "\n{}", panel.lines().join("\n").trim_end())?;
            writeln!(f)?;
        }
        write!(f, "\nEach column is a second, the last one now.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use observe::dashboard::Unit;

    fn frame() -> PanelText {
        let series = |name: &str, values: &[Option<f64>]| Series {
            name: name.to_owned(),
            values: values.to_vec(),
            percentile: None,
        };
        let panel = |id, title: &str, kind, unit: Unit, series| Panel {
            id,
            title: title.to_owned(),
            kind,
            scale: unit.scale(0.0),
            series,
        };
        let rate = series("2xx", &[Some(0.5)]);
        let pool = vec![series("in use", &[None, Some(0.0), Some(10.0)]), series("max", &[Some(10.0); 3])];
        PanelText {
            scenario: 1,
            from_s: 0,
            to_s: 2,
            step_s: 1,
            panels: vec![
                panel(1, "Success rate", PanelKind::Stat, Unit::Percentunit, vec![rate]),
                panel(2, "The pool", PanelKind::Timeseries, Unit::Short, pool),
            ],
        }
    }

    #[test]
    fn a_line_shows_its_course_and_its_last_value() {
        insta::assert_snapshot!(frame(), @r"
        Success rate: 50 %

        The pool
          in use  ▁█ 10
          max    ███ 10

        Each column is a second, the last one now.
        ");
    }

    #[test]
    fn single_values_have_as_many_lines_as_they_need() {
        let texts = ["Success rate: 100 %", "Successes per second: 661/s", "In flight: 0"].map(str::to_owned);
        let lines = in_lines(texts.into_iter(), 50);
        assert_eq!(lines, ["Success rate: 100 %   Successes per second: 661/s", "In flight: 0"]);
    }

    #[test]
    fn what_a_screen_cannot_hold_is_left_out_and_told() {
        let fit = |rows| frame().fit(Size { rows, columns: 80 });
        assert!(fit(8).ends_with("max    ███ 10\n\nq quits"), "{}", fit(8));
        assert!(fit(7).ends_with("q quits; 1 more panels in a larger window"), "{}", fit(7));
    }
}
