//! `lab load`: the lesson's load test, live, summed up and saved.

use std::{
    fmt::{self, Display, Formatter},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use loadgen::{Figures, Phase, Plan, Progress, Run, Summary};
use serde::Serialize;
use tokio::{
    signal::ctrl_c,
    time::{Instant, sleep},
};

use super::{
    running,
    runs::{Machine, SavedRun, Subject},
};
use crate::{
    cli::Load,
    lesson::Lesson,
    project::Scenario,
    state::{Build, Phase as Stage, ServiceState},
};

/// Numbers that must not be believed: too few, or the generator was the bottleneck.
const INCONCLUSIVE: u8 = 3;

/// What a load test found.
#[derive(Debug, Serialize)]
pub struct Report {
    run_id: String,
    #[serde(flatten)]
    summary: Summary,
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
    let loaded = serving(scenario, &lesson.load.service).await?;
    let (desired, _) = running(scenario)?;
    let users = options.users.map_or(lesson.load.users, |users| users as usize);
    let duration = options.duration.unwrap_or(Duration::from_secs(lesson.load.duration_s));
    let subject = Subject::now(scenario, &lesson, &desired).await?;
    let machine = Machine::this();
    let plan = lesson.load.plan(loaded.port, users, duration);
    eprintln!("{users} users at once, for {} s, on http://{}", duration.as_secs(), plan.target);
    let mut run = measure(plan).await?;
    let after = running(scenario)?.1.service(&lesson.load.service).and_then(|now| now.process.clone());
    if after != loaded.process {
        run.why_invalid = Some("the program was restarted while it was measured".to_owned());
    }
    let saved = SavedRun::new(scenario, subject, machine, run)?;
    // The disk may be full by now: what was measured is shown all the same.
    if let Err(error) = saved.store(scenario) {
        eprintln!("lab: this run is not saved: {error:#}");
    }
    Ok(Report { summary: saved.run.summary(), run_id: saved.run_id, users, measured_s: saved.run.measured_s })
}

/// The service that is loaded, once it is the program that was saved last, and answers.
async fn serving(scenario: &Scenario, name: &str) -> anyhow::Result<ServiceState> {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let (_, state) = running(scenario)?;
        if let Build::Failed { message } = state.build {
            bail!(
                "your last change does not compile, so this would measure the program before it:\n{message}"
            );
        }
        let service = state.service(name).with_context(|| format!("there is no service `{name}`"))?;
        match service.phase {
            Stage::Ready if state.build == Build::Current => return Ok(service.clone()),
            Stage::Failed => bail!("{name} does not serve: {}", service.detail),
            _ if Instant::now() > deadline => {
                bail!("{name} is not ready after 2 minutes: {}", service.detail)
            }
            _ => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Runs `plan` on a thread of its own; Ctrl-C ends it early and keeps what was measured.
///
/// # Errors
/// When the plan cannot be run.
pub async fn measure(plan: Plan) -> anyhow::Result<Run> {
    let stop = Arc::new(AtomicBool::new(false));
    let generator = thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            let live = Live::new(&plan);
            loadgen::run(&plan, &stop, |progress| live.show(progress))
        }
    });
    while !generator.is_finished() {
        tokio::select! {
            () = sleep(Duration::from_millis(50)) => {}
            result = ctrl_c() => {
                result?;
                stop.store(true, Ordering::Relaxed);
            }
        }
    }
    generator.join().ok().context("the load generator panicked; that is a fault of the lab")?
}

/// A line that moves in a terminal; elsewhere indicatif prints nothing, and nothing is missing from the summary.
struct Live(ProgressBar);

impl Live {
    fn new(plan: &Plan) -> Self {
        let bar = ProgressBar::new((plan.warm_up + plan.duration).as_millis() as u64);
        let style = ProgressStyle::with_template("{bar:30} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    fn show(&self, progress: &Progress) {
        self.0.set_position(progress.elapsed.as_millis() as u64);
        let phase = match progress.phase {
            Phase::Preflight => "trying each request once",
            Phase::WarmUp => "warming up",
            Phase::Measure => "measuring",
            Phase::Drain => "waiting for the last answers",
        };
        let p99 = progress.p99_ms.map_or_else(|| "-".to_owned(), |p99| format!("{p99:.0} ms"));
        let (ok, errors, rate) = (progress.ok, progress.errors, progress.ok_per_s);
        self.0.set_message(format!("{phase}: {ok} ok ({rate:.0}/s), {errors} errors, p99 {p99}"));
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.finish_and_clear();
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
        writeln!(f, "\n  The generator itself was busy {:.0} % of the time.", generator.busy * 100.0)?;
        if let Some(why) = why_invalid {
            writeln!(f, "\n  Do not believe these numbers: {why}.")?;
        }
        write!(f, "\nNext: compare it with the runs before, with: make results")
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
