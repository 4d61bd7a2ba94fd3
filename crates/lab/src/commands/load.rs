//! `lab load`: the lesson's load test, live, summed up and saved.

use std::{
    fmt::{self, Display, Formatter},
    process::ExitCode,
};

use anyhow::bail;
use loadgen::{Figures, Plan, Summary};
use serde::Serialize;

use super::{
    code::Code,
    freshness::Reads,
    measure::{Options, Seen, in_words, measure},
    noise::Noise,
    probe::Probes,
    ready::ready,
    remarks, running,
    runs::SavedRun,
    sessions::Sessions,
    subject::{Machine, Subject},
};
use crate::{cli::Load, forecast::Guess, lesson::Lesson, project::Scenario};

/// Numbers that must not be believed: too few, or the generator was the bottleneck.
pub const INCONCLUSIVE: u8 = 3;

/// What a load test found.
#[derive(Debug, Serialize)]
pub struct Report {
    run_id: String,
    #[serde(flatten)]
    summary: Summary,
    #[serde(flatten)]
    seen: Seen,
    #[serde(skip)]
    plan: Plan,
    #[serde(skip)]
    measured_s: f64,
}

/// Loads what runs, and saves the run.
///
/// # Errors
/// When the scenario does not run, or the program that runs is not what was saved last.
pub async fn run(scenario: &Scenario, options: &Load) -> anyhow::Result<Report> {
    let lesson = Lesson::read(scenario)?;
    if let Err(obstacle) = ready(scenario).await? {
        bail!("{obstacle}");
    }
    let (desired, _) = running(scenario)?;
    let subject = Subject::now(scenario, &lesson, &desired).await?;
    let code = Code::now(scenario, &lesson, &desired)?;
    let machine = Machine::this();
    let options = Options {
        only: options.only.as_deref(),
        users: options.users.map(|users| users as usize),
        rate_per_s: options.rate,
        duration: options.duration,
        ..Options::default()
    };
    let mut measured = measure(scenario, &lesson, options).await?;
    measured.seen.predicted = Guess::take(scenario, &measured.run.plan).unwrap_or_else(|error| {
        // What was measured matters more.
        eprintln!("lab: what was predicted is not shown: {error:#}");
        None
    });
    let saved = SavedRun::new(scenario, (subject, code), machine, measured)?;
    // The disk may be full by now: what was measured is shown all the same.
    if let Err(error) = saved.store(scenario).and_then(|()| Noise::learn(scenario, &saved)) {
        eprintln!("lab: this run is not saved: {error:#}");
    }
    Ok(Report {
        summary: saved.run.summary(),
        run_id: saved.run_id,
        seen: saved.seen,
        plan: saved.run.plan,
        measured_s: saved.run.measured_s,
    })
}

impl Report {
    /// 0, or 3 when the numbers must not be believed.
    pub fn exit_code(&self) -> ExitCode {
        if self.summary.valid { ExitCode::SUCCESS } else { ExitCode::from(INCONCLUSIVE) }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Summary { total, endpoints, why_invalid, .. } = &self.summary;
        writeln!(f, "Run {}: {}, {:.0} s\n", self.run_id, in_words(&self.plan), self.measured_s)?;
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
        write!(f, "{}", self.seen)?;
        if total.repeated > 0 {
            writeln!(
                f,
                "\n  Sent once more, since their connection was just being closed: {}",
                total.repeated
            )?;
        }
        for remark in remarks::of(&self.plan, &self.summary) {
            writeln!(f, "\n  {}", remark.replace('\n', "\n  "))?;
        }
        if let Some(predicted) = &self.seen.predicted {
            let mean_ms = total.latency_ms.map(|latency| latency.mean);
            writeln!(f, "\n{}", predicted.beside(total.ok_per_s, mean_ms))?;
        }
        if let Some(spent) = &self.seen.spent {
            write!(f, "{spent}")?;
        }
        if let Some(why) = why_invalid {
            writeln!(f, "\n  Do not believe these numbers: {why}.")?;
        }
        write!(f, "\nNext: compare it with the runs before, with: make results")
    }
}

impl Display for Seen {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(Probes { attempts, refused, refusal, .. }) = &self.probes {
            writeln!(
                f,
                "\n  Another client asked PostgreSQL for a connection {attempts} times; refused: {refused}"
            )?;
            refusal.iter().try_for_each(|said| writeln!(f, "                 {said}"))?;
        }
        if let Some(Reads { reads, stale, failed }) = &self.freshness {
            writeln!(f, "\n  Reads after one's own write: {reads}; stale: {stale}; failed: {failed}")?;
        }
        if let Some(hit_rate) = self.hit_rate {
            writeln!(f, "\n  From the cache: {}", percent(hit_rate))?;
        }
        if let Some(hit_rate) = self.browse_hit_rate {
            writeln!(f, "  Before, while nobody wrote: {}", percent(hit_rate))?;
        }
        if let Some(Sessions { open, different, busy, .. }) = &self.connections {
            writeln!(
                f,
                "\n  Connections to PostgreSQL: at most {open} at once, {different} different ones, {busy:.1} at work on average"
            )?;
        }
        if !self.served.is_empty() {
            let served: Vec<_> = self.served.iter().map(|(name, count)| format!("{name} {count}")).collect();
            writeln!(f, "\n  Requests by server: {}", served.join(", "))?;
        }
        Ok(())
    }
}

fn figures(f: &mut Formatter<'_>, figures: &Figures) -> fmt::Result {
    writeln!(f, "  success rate   {}", percent(figures.success_rate))?;
    writeln!(f, "  ok             {} ({:.1} per second)", figures.ok, figures.ok_per_s)?;
    writeln!(f, "  failed         {}", figures.requests - figures.ok)?;
    match &figures.latency_ms {
        Some(ms) => writeln!(
            f,
            "  latency of ok  mean {:.1} ms, p50 {:.1}, p95 {:.1}, p99 {:.1}, max {:.1}",
            ms.mean, ms.p50, ms.p95, ms.p99, ms.max
        ),
        None => writeln!(f, "  latency of ok  none succeeded"),
    }
}

/// Rounded down, so that 100 % means all of them.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", (share * 1_000.0).floor() / 10.0)
}
