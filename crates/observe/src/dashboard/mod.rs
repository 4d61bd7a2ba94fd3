//! Dashboards: which panels there are (`dashboards/scenario-N.json`, in Grafana's format), and what Prometheus knows for
//! them. The page draws them and `lab top` prints them; the same files are for Grafana.

use std::fs;

use anyhow::Context;
use project::Scenario;
use serde::Deserialize;

pub mod prometheus;
pub mod push;
mod reading;
mod unit;

pub use crate::dashboard::prometheus::{Prometheus, Range};
pub use crate::dashboard::reading::{Reading, Series, read};
pub use crate::dashboard::unit::{Scale, Unit};

/// A dashboard, as far as the lab draws it.
///
/// Source: Grafana manual, "Dashboard JSON model".
#[derive(Debug, Deserialize)]
pub struct Dashboard {
    /// In reading order.
    pub panels: Vec<Panel>,
}

/// One panel.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Panel {
    /// No other panel of the dashboard has it.
    pub id: u32,
    /// What it shows.
    pub title: String,
    /// What to look for.
    #[serde(default)]
    pub description: String,
    /// How it shows it.
    #[serde(rename = "type")]
    pub kind: PanelKind,
    /// What it asks.
    pub targets: Vec<Target>,
    field_config: FieldConfig,
}

/// How a panel draws its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PanelKind {
    /// The last value, large.
    Stat,
    /// A line per series.
    Timeseries,
}

/// A question to Prometheus.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// In PromQL.
    pub expr: String,
    /// What a series of the answer is called; `{{label}}` stands for that label's value.
    pub legend_format: String,
}

#[derive(Debug, Deserialize)]
struct FieldConfig {
    defaults: Defaults,
    #[serde(default)]
    overrides: Vec<Override>,
}

#[derive(Debug, Deserialize)]
struct Defaults {
    unit: Unit,
    max: Option<f64>,
    thresholds: Option<Thresholds>,
}

#[derive(Debug, Deserialize)]
struct Thresholds {
    steps: Vec<Step>,
}

/// From `value` on it is shown in `color`; the first step is from the beginning.
#[derive(Debug, Deserialize)]
struct Step {
    color: String,
    value: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Override {
    matcher: Matcher,
    properties: Vec<Property>,
}

#[derive(Debug, Deserialize)]
struct Matcher {
    options: String,
}

#[derive(Debug, Deserialize)]
struct Property {
    id: String,
    value: serde_json::Value,
}

impl Target {
    /// The percentile that it asks for (0 to 1), and the question how many samples that rests on; `None` where it asks for
    /// something else.
    ///
    /// Source: Prometheus manual, "Histograms and summaries": beside the buckets of a histogram there is its count.
    pub fn percentile(&self) -> Option<(f64, String)> {
        let (quantile, samples) = if let Some(asked) = self.expr.strip_prefix("histogram_quantile(") {
            let (quantile, buckets) = asked.strip_suffix(')')?.split_once(", ")?;
            (quantile, buckets.replace("_bucket", "_count").replace("rate(", "increase("))
        } else {
            let (before, asked) = self.expr.split_once("_seconds{quantile=\"")?;
            let (quantile, after) = asked.split_once("\"}")?;
            (quantile, format!("{before}_samples{after}"))
        };
        Some((quantile.parse().ok()?, samples))
    }
}

impl Dashboard {
    /// That of `scenario`.
    ///
    /// # Errors
    /// When it is not there, or the lab cannot draw what is in it.
    pub fn read(scenario: &Scenario) -> anyhow::Result<Self> {
        let path = scenario.root.join(format!("dashboards/scenario-{}.json", scenario.number));
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} cannot be used", path.display()))
    }
}

impl Panel {
    /// Of its values.
    pub fn unit(&self) -> Unit {
        self.field_config.defaults.unit
    }

    /// Where its axis ends; `None` if the values decide.
    pub fn max(&self) -> Option<f64> {
        self.field_config.defaults.max
    }

    /// The colour of the series `name`, as Grafana calls it; `None` for a default colour.
    pub fn color(&self, name: &str) -> Option<&str> {
        let overrides = self.field_config.overrides.iter().filter(|each| each.matcher.options == name);
        let color = overrides.flat_map(|each| &each.properties).find(|property| property.id == "color")?;
        color.value["fixedColor"].as_str()
    }

    /// From where on which colour holds, but for the first, which holds from the beginning.
    pub fn thresholds(&self) -> impl Iterator<Item = (f64, &str)> {
        let steps = self.field_config.defaults.thresholds.iter().flat_map(|thresholds| &thresholds.steps);
        steps.filter_map(|step| Some((step.value?, &*step.color)))
    }

    /// The colour for `value` by its thresholds; `None` if there are none.
    pub fn verdict(&self, value: f64) -> Option<&str> {
        let steps = &self.field_config.defaults.thresholds.as_ref()?.steps;
        let reached = steps.iter().rfind(|step| step.value.is_none_or(|from| value >= from))?;
        Some(&reached.color)
    }
}

#[cfg(test)]
mod tests;
