//! What Prometheus knows for the panels of a dashboard.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::Context;
use loadgen::mark_if_few;
use serde::Serialize;

use crate::dashboard::{Dashboard, Panel, Prometheus, Range, Scale, prometheus::Answer};

/// Questions at once. Prometheus answers one on one core in about a millisecond.
const AT_ONCE: usize = 4;

/// A panel and its values.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The panel.
    pub panel: &'a Panel,
    /// In the order of its questions.
    pub series: Vec<Series>,
}

/// A line of a panel.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// What the legend calls it.
    pub name: String,
    /// At each point of the range; `None` without data.
    pub values: Vec<Option<f64>>,
    /// Where it is a percentile: what its newest value rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percentile: Option<Percentile>,
}

/// A percentile, and how many samples it rests on.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Percentile {
    /// 0 to 1.
    pub quantile: f64,
    /// About how many: Prometheus estimates what was counted between two scrapes.
    pub samples: u64,
}

impl Series {
    /// Whether it was never more than 0.
    pub fn is_nothing(&self) -> bool {
        self.values.iter().flatten().all(|value| *value <= 0.0)
    }

    /// The newest value. The very last point may be younger than the last look at the servers.
    pub fn last(&self) -> Option<f64> {
        newest(&self.values)
    }

    /// The newest value for people; a percentile of too few samples is marked: `1.38 s (of 17)`.
    pub fn shown(&self, scale: Scale) -> Option<String> {
        let shown = scale.show(self.last()?);
        Some(match self.percentile {
            Some(Percentile { quantile, samples }) => mark_if_few(samples, quantile, shown),
            None => shown,
        })
    }
}

fn newest(values: &[Option<f64>]) -> Option<f64> {
    values.iter().rev().take(3).find_map(|value| *value)
}

impl Reading<'_> {
    /// How its values are written.
    pub fn scale(&self) -> Scale {
        let values = self.series.iter().flat_map(|series| &series.values).flatten().copied();
        self.panel.unit().scale(values.fold(0.0, f64::max))
    }

    /// Whether there is not one value.
    pub fn is_empty(&self) -> bool {
        self.series.iter().all(|series| series.values.iter().all(Option::is_none))
    }
}

/// Asks `prometheus` for every panel of `dashboard`. Blocks.
///
/// # Errors
/// When it does not answer, or does not understand a question; names the panel.
pub fn read<'a>(
    dashboard: &'a Dashboard,
    prometheus: &Prometheus,
    range: Range,
) -> anyhow::Result<Vec<Reading<'a>>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut readings = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(panel) = dashboard.panels.get(place) else { return anyhow::Ok(readings) };
            let series = ask(panel, prometheus, range).with_context(|| format!("panel “{}”", panel.title))?;
            readings.push((place, Reading { panel, series }));
        }
    };
    let readings: anyhow::Result<Vec<_>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| {
            worker.join().ok().context("a query panicked; this is a bug in the lab")?
        };
        workers.into_iter().map(join).collect()
    });
    let mut readings: Vec<_> = readings?.into_iter().flatten().collect();
    readings.sort_by_key(|(place, _)| *place);
    Ok(readings.into_iter().map(|(_, reading)| reading).collect())
}

fn ask(panel: &Panel, prometheus: &Prometheus, range: Range) -> anyhow::Result<Vec<Series>> {
    let mut series = Vec::new();
    for target in &panel.targets {
        let answers = prometheus.range(&target.expr, range)?;
        let rests_on = match target.percentile() {
            Some((quantile, samples)) => Some((quantile, prometheus.range(&samples, range)?)),
            None => None,
        };
        let percentile = |answer: &Answer| {
            let (quantile, samples) = rests_on.as_ref()?;
            let same = samples.iter().find(|samples| samples.metric == answer.metric)?;
            Some(Percentile { quantile: *quantile, samples: newest(&same.values(range))?.round() as u64 })
        };
        let named = |answer: &Answer| Series {
            name: name(&target.legend_format, answer),
            values: answer.values(range),
            percentile: percentile(answer),
        };
        series.extend(answers.iter().map(named));
    }
    Ok(series)
}

/// `format` with `{{label}}` filled in.
fn name(format: &str, answer: &Answer) -> String {
    answer
        .metric
        .iter()
        .fold(format.to_owned(), |name, (label, value)| name.replace(&format!("{{{{{label}}}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::Unit;

    #[test]
    fn a_legend_names_labels() {
        let json = r#"{"metric": {"instance": "app1", "route": "/feed"}, "values": []}"#;
        let answer: Answer = serde_json::from_str(json).unwrap();
        assert_eq!(name("max {{instance}} {{route}}", &answer), "max app1 /feed");
    }

    #[test]
    fn the_newest_value_may_be_a_moment_old_but_not_a_minute() {
        assert_eq!(newest(&[Some(1.0), Some(2.0), None]), Some(2.0));
        assert_eq!(newest(&[Some(1.0), None, None, None]), None);
    }

    #[test]
    fn a_percentile_of_too_few_samples_is_marked() {
        let shown = |quantile, samples| {
            let percentile = Some(Percentile { quantile, samples });
            let series = Series { name: "p".to_owned(), values: vec![Some(1.38)], percentile };
            series.shown(Unit::S.scale(1.38)).unwrap()
        };
        assert_eq!(shown(0.99, 499), "1.38 s (of 499)");
        assert_eq!(shown(0.99, 500), "1.38 s");
        assert_eq!(shown(0.5, 9), "1.38 s (of 9)");
        assert_eq!(shown(0.5, 10), "1.38 s");
        let mean = Series { name: "mean".to_owned(), values: vec![Some(1.38)], percentile: None };
        assert_eq!(mean.shown(Unit::S.scale(1.38)).unwrap(), "1.38 s");
    }
}
