//! `lab load`: the lesson's load test, live, summed up and saved.

use std::fmt::{self, Display, Formatter};

use format::{count, latency, number, percent, throughput};
use loadgen::{Figures, LatencyMs, Summary};
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
    run_with(scenario, options(arguments)).await
}

/// The same with `options` that no command line gave.
///
/// # Errors
/// Those of [`run`].
pub async fn run_with(scenario: &Scenario, options: Options<'_>) -> anyhow::Result<LoadOutput> {
    load::load(scenario, options).await.map(LoadOutput)
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
    /// First what explains the figures, then the figures: the end is what a small terminal still shows.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Run {}: {}, {}", self.0.run_id, in_words(&self.0.plan), self.0.length)?;
        self.evidence(f)?;
        self.warnings(f)?;
        writeln!(f)?;
        let LoadReport { summary: Summary { total, .. }, latencies, seen, .. } = &self.0;
        figures(f, total)?;
        if latencies.count() > 1 {
            let counts: Vec<_> = latencies.spread(SPREAD).into_iter().map(|count| count as f64).collect();
            let [least, most] =
                [0.0, 1.0].map(|quantile| latency(latencies.quantile_ms(quantile).unwrap_or_default()));
            writeln!(f, "                 {least} {} {most}", format::bars(&counts))?;
        }
        if let Some(bottleneck) = seen.spent.as_ref().and_then(|spent| spent.bottleneck.as_ref()) {
            writeln!(f, "  bottleneck     {bottleneck}")?;
        }
        write!(f, "\nNext: compare it with the runs before, with: make results")
    }
}

impl LoadOutput {
    fn evidence(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Summary { total, endpoints, .. } = &self.0.summary;
        for endpoint in endpoints.iter().filter(|_| endpoints.len() > 1) {
            writeln!(f, "\n  {}", endpoint.name)?;
            figures(f, &endpoint.figures)?;
        }
        for (class, errors) in total.errors.iter().filter(|(_, errors)| errors.count > 0) {
            writeln!(f, "\n  {:<14} {}", class.name(), count(errors.count))?;
            for sample in &errors.samples {
                writeln!(f, "  {sample}")?;
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
        self.0.seen.spent.as_ref().map_or(Ok(()), |spent| write!(f, "{}", spent.evidence))
    }

    fn warnings(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for other in &self.0.overlapping {
            let why = format!("run {other} loaded the same system at the same time");
            writeln!(f, "\n  Do not believe these numbers: {why}.")?;
        }
        let why = self.0.summary.why_invalid.as_ref();
        why.map_or(Ok(()), |why| writeln!(f, "\n  Do not believe these numbers: {why}."))
    }
}

/// How many bars show the latencies.
const SPREAD: usize = 24;

/// Which percentiles are one of the few slowest answers, and no more.
fn too_few(figures: &Figures) -> String {
    let Figures { ok, unreliable_percentiles, .. } = figures;
    match &unreliable_percentiles[..] {
        [] => String::new(),
        percentiles => format!(" ({ok} answers are too few for {})", percentiles.join(" and ")),
    }
}

fn figures(f: &mut Formatter<'_>, figures: &Figures) -> fmt::Result {
    let [ok, requests] = [figures.ok, figures.requests].map(count);
    writeln!(f, "  success rate   {} ({ok} of {requests} requests)", percent(figures.success_rate))?;
    writeln!(f, "  ok per second  {}", throughput(figures.ok_per_s))?;
    match &figures.latency_ms {
        Some(LatencyMs { mean, p50, p95, p99, max, .. }) => {
            let [p50, p95, p99, max] = [p50, p95, p99, max].map(|ms| number(*ms, 1));
            writeln!(
                f,
                "  latency of ok  mean {}, p50 {p50}, p95 {p95}, p99 {p99}, max {max}{}",
                latency(*mean),
                too_few(figures)
            )
        }
        None => writeln!(f, "  latency of ok  none succeeded"),
    }
}
