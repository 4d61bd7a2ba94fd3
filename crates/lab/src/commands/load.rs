//! `lab load`: the lesson's load test, live, summed up and saved.

use std::{
    fmt::{self, Display, Formatter},
    process::ExitCode,
    time::Duration,
};

use anyhow::bail;
use loadgen::{Figures, Summary};
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::{
    freshness::Reads,
    measure::{Options, Seen, measure},
    probe::Probes,
    running,
    runs::{Machine, SavedRun, Subject},
};
use crate::{
    cli::Load,
    lesson::Lesson,
    project::Scenario,
    state::{Build, Phase},
};

/// Numbers that must not be believed: too few, or the generator was the bottleneck.
const INCONCLUSIVE: u8 = 3;

/// What a load test found.
#[derive(Debug, Serialize)]
pub struct Report {
    run_id: String,
    #[serde(flatten)]
    summary: Summary,
    #[serde(flatten)]
    seen: Seen,
    #[serde(skip)]
    users: usize,
    #[serde(skip)]
    measured_s: f64,
}

/// Loads what runs, and saves the run.
///
/// # Errors
/// When the scenario does not run, or the program that runs is not what was saved last.
pub async fn run(scenario: &Scenario, options: &Load) -> anyhow::Result<Report> {
    let lesson = Lesson::read(scenario)?;
    wait_until_ready(scenario).await?;
    let subject = Subject::now(scenario, &lesson, &running(scenario)?.0).await?;
    let machine = Machine::this();
    let options = Options {
        only: options.only.as_deref(),
        users: options.users.map(|users| users as usize),
        duration: options.duration,
    };
    let measured = measure(scenario, &lesson, options).await?;
    let saved = SavedRun::new(scenario, subject, machine, measured)?;
    // The disk may be full by now: what was measured is shown all the same.
    if let Err(error) = saved.store(scenario) {
        eprintln!("lab: this run is not saved: {error:#}");
    }
    Ok(Report {
        summary: saved.run.summary(),
        run_id: saved.run_id,
        seen: saved.seen,
        users: saved.run.plan.users,
        measured_s: saved.run.measured_s,
    })
}

/// Waits until everything answers, and the programs are those that were saved last.
async fn wait_until_ready(scenario: &Scenario) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let (_, state) = running(scenario)?;
        if let Build::Failed { message } = state.build {
            bail!(
                "your last change does not compile, so this would measure the program before it:\n{message}"
            );
        }
        match state.services.iter().find(|service| service.phase != Phase::Ready) {
            None if state.build == Build::Current => return Ok(()),
            Some(service) if service.phase == Phase::Failed => {
                bail!("{} does not serve: {}", service.name, service.detail)
            }
            Some(service) if Instant::now() > deadline => {
                bail!("{} is not ready after 2 minutes: {}", service.name, service.detail)
            }
            None if Instant::now() > deadline => bail!("your last change compiles for 2 minutes now"),
            _ => sleep(Duration::from_millis(50)).await,
        }
    }
}

impl Report {
    /// 0, or 3 when the numbers must not be believed.
    pub fn exit_code(&self) -> ExitCode {
        if self.summary.valid { ExitCode::SUCCESS } else { ExitCode::from(INCONCLUSIVE) }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Summary { total, endpoints, generator, why_invalid, .. } = &self.summary;
        writeln!(f, "Run {}: {} users, {:.0} s\n", self.run_id, self.users, self.measured_s)?;
        figures(f, total)?;
        if endpoints.len() > 1 {
            for endpoint in endpoints {
                writeln!(f, "\n  {}", endpoint.name)?;
                figures(f, &endpoint.figures)?;
            }
        }
        for (class, errors) in total.errors.iter().filter(|(_, errors)| errors.count > 0) {
            let name = serde_json::to_value(class).map_err(|_| fmt::Error)?;
            writeln!(f, "  {:<14} {}", name.as_str().unwrap_or_default(), errors.count)?;
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
        writeln!(f, "\n  The generator itself was busy {:.0} % of the time.", generator.busy * 100.0)?;
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
