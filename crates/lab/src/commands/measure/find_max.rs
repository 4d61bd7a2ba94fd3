//! `lab load --find-max`: the highest rate that the service sustains.

use std::fmt::{self, Display, Formatter};

use format::{counted, percent};
use loadgen::{RateSearch, Step};
use project::Scenario;
use serde::Serialize;
use verdict::exit_status::ExitStatus;
use view::terminal;
use workflow::find_max::{self, ClimbReport};

use super::load::options;
use crate::cli::Load;

/// The steps, as text or JSON.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ClimbOutput(ClimbReport);

/// Loads what runs, faster and faster.
///
/// # Errors
/// When the scenario does not run, or the load generator cannot work.
pub async fn run(scenario: &Scenario, arguments: &Load) -> anyhow::Result<ClimbOutput> {
    find_max::find_max(scenario, options(arguments), f64::from(arguments.p99)).await.map(ClimbOutput)
}

impl ClimbOutput {
    /// Inconclusive when it was not the service that ended the search.
    pub fn exit_status(&self) -> ExitStatus {
        let is_valid = self.0.search_rate.found && self.0.why_invalid.is_none();
        if is_valid { ExitStatus::Success } else { ExitStatus::Inconclusive }
    }
}

impl Display for ClimbOutput {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let RateSearch { sustained_per_s, found, steps } = &self.0.search_rate;
        let titles = ["Per second", "Answered", "Success", "p50", "p99", "Kept up"];
        let rows: Vec<_> = steps.iter().map(|step| row(step).to_vec()).collect();
        writeln!(f, "{}\n", terminal::table(&titles, &rows, |column| column < 5))?;
        match sustained_per_s {
            Some(rate) => writeln!(f, "It sustained {} per second.", counted(*rate, "request"))?,
            None => writeln!(f, "It sustained none of these rates.")?,
        }
        let above = |step: &&Step| sustained_per_s.is_none_or(|rate| step.rate_per_s > rate);
        let refused = steps.iter().filter(above).min_by(|a, b| a.rate_per_s.total_cmp(&b.rate_per_s));
        if let Some((step, why)) = refused.and_then(|step| Some((step, step.why_not.as_ref()?))) {
            writeln!(f, "At {} it did not keep up: {why}.", step.rate_per_s)?;
        }
        let invalid = steps.last().and_then(|step| step.summary.why_invalid.as_ref());
        match invalid {
            Some(why) => writeln!(f, "Whether it can do more is not known: {why}.")?,
            None if !found => writeln!(
                f,
                "Whether it can do more is not known: the search ended before it found the limit."
            )?,
            None => (),
        }
        if let Some(why) = &self.0.why_invalid {
            writeln!(f, "Do not believe these numbers: {why}.")?;
        }
        write!(
            f,
            "\nNext: measure half of that rate for longer, with: cargo lab load --rate {:.0}",
            sustained_per_s.unwrap_or(2.0) / 2.0
        )
    }
}

fn row(step: &Step) -> [String; 6] {
    let total = &step.summary.total;
    let ms = |quantile, of: fn(&loadgen::LatencyMs) -> f64| {
        let shown = |ms| total.marked(quantile, format::latency(of(ms)));
        total.latency_ms.as_ref().map_or_else(|| "-".to_owned(), shown)
    };
    [
        step.rate_per_s.to_string(),
        format::throughput(step.answered_per_s),
        percent(total.success_rate),
        ms(0.5, |ms| ms.p50),
        ms(0.99, |ms| ms.p99),
        step.why_not.clone().unwrap_or_else(|| "yes".to_owned()),
    ]
}
