//! `lab load`: the lesson's load test, live, summed up and saved.

use std::fmt::{self, Display, Formatter};

use format::percent;
use loadgen::{Figures, Summary};
use observe::measurement::{Options, in_words};
use project::Scenario;
use serde::Serialize;
use verdict::exit_status::ExitStatus;
use view::load_remarks;
use workflow::load::{self, LoadReport};

use crate::cli::Load;

/// What a load test found, as text or JSON.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct LoadOutput(LoadReport);

/// Loads what runs, and saves the run.
///
/// # Errors
/// When the scenario does not run, or the running program is older than the saved source.
pub async fn run(scenario: &Scenario, arguments: &Load) -> anyhow::Result<LoadOutput> {
    load::load(scenario, options(arguments)).await.map(LoadOutput)
}

/// What `arguments` ask for.
pub fn options(arguments: &Load) -> Options<'_> {
    Options {
        only: arguments.only.as_deref(),
        users: arguments.users.map(|users| users as usize),
        rate_per_s: arguments.rate,
        duration: arguments.duration,
        ..Options::default()
    }
}

impl LoadOutput {
    /// Inconclusive when the numbers prove nothing.
    pub fn exit_status(&self) -> ExitStatus {
        if self.0.summary.valid && self.0.overlapping.is_empty() {
            ExitStatus::Success
        } else {
            ExitStatus::Inconclusive
        }
    }
}

impl Display for LoadOutput {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Summary { total, endpoints, why_invalid, .. } = &self.0.summary;
        writeln!(f, "Run {}: {}, {}\n", self.0.run_id, in_words(&self.0.plan), self.0.length)?;
        figures(f, total)?;
        if endpoints.len() > 1 {
            for endpoint in endpoints {
                writeln!(f, "\n  {}", endpoint.name)?;
                figures(f, &endpoint.figures)?;
            }
        }
        for (class, errors) in total.errors.iter().filter(|(_, errors)| errors.count > 0) {
            writeln!(f, "  {:<14} {}", class.name(), errors.count)?;
            for sample in &errors.samples {
                writeln!(f, "                 {sample}")?;
            }
        }
        write!(f, "{}", self.0.seen)?;
        if total.retried > 0 {
            writeln!(f, "\n  Retried because the server closed an idle connection: {}", total.retried)?;
        }
        for remark in load_remarks::of(&self.0.plan, &self.0.summary) {
            writeln!(f, "\n  {}", remark.replace('\n', "\n  "))?;
        }
        if let Some(predicted) = &self.0.seen.predicted {
            let mean_ms = total.latency_ms.map(|latency| latency.mean);
            writeln!(f, "\n{}", predicted.beside(total.ok_per_s, mean_ms))?;
        }
        if let Some(spent) = &self.0.seen.spent {
            write!(f, "{spent}")?;
        }
        for other in &self.0.overlapping {
            writeln!(
                f,
                "\n  Do not believe these numbers: run {other} loaded the same system at the same time."
            )?;
        }
        if let Some(why) = why_invalid {
            writeln!(f, "\n  Do not believe these numbers: {why}.")?;
        }
        write!(f, "\nNext: compare it with the runs before, with: make results")
    }
}

/// Which percentiles are one of the few slowest answers, and no more.
fn too_few(figures: &Figures) -> String {
    let Figures { ok, unreliable_percentiles, .. } = figures;
    match &unreliable_percentiles[..] {
        [] => String::new(),
        percentiles => {
            format!("\n                 {ok} answers are too few for {}", percentiles.join(" and "))
        }
    }
}

fn figures(f: &mut Formatter<'_>, figures: &Figures) -> fmt::Result {
    writeln!(f, "  success rate   {}", percent(figures.success_rate))?;
    writeln!(f, "  ok             {} ({:.1} per second)", figures.ok, figures.ok_per_s)?;
    writeln!(f, "  failed         {}", figures.requests - figures.ok)?;
    match &figures.latency_ms {
        Some(ms) => writeln!(
            f,
            "  latency of ok  mean {:.1} ms, p50 {:.1}, p95 {:.1}, p99 {:.1}, max {:.1}{}",
            ms.mean,
            ms.p50,
            ms.p95,
            ms.p99,
            ms.max,
            too_few(figures)
        ),
        None => writeln!(f, "  latency of ok  none succeeded"),
    }
}
