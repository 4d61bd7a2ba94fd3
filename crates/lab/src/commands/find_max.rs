//! `lab load --find-max`: the highest rate that the service sustains.

use std::{
    fmt::{self, Display, Formatter},
    fs,
    path::Path,
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::bail;
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use loadgen::{Climb, Limits, Step, climb};
use serde::Serialize;

use super::{
    live::generate,
    load::{INCONCLUSIVE, percent},
    measure::{Options, plan, prepare, why_worthless},
    ready::ready,
    running,
    subject::{Machine, Subject},
};
use crate::{
    board::Board,
    cli::Load,
    lesson::Lesson,
    project::{self, Scenario},
};

/// Length of a step, where nothing is said: five blocks of a second show a queue that grows.
const STEP: Duration = Duration::from_secs(5);

/// Load before each step that is not measured.
const WARM_UP: Duration = Duration::from_secs(1);

/// `.lab/scenario-N/climbs/<started_unix_s>.json`, and what is printed.
#[derive(Debug, Serialize)]
pub struct Report {
    started_unix_s: u64,
    /// What a service keeps to that keeps up.
    limits: Limits,
    #[serde(flatten)]
    climb: Climb,
    /// Why the steps do not belong together, in words.
    why_invalid: Option<String>,
    subject: Subject,
    machine: Machine,
}

/// Loads what runs, faster and faster.
///
/// # Errors
/// When the scenario does not run, or the load generator cannot work.
pub async fn run(scenario: &Scenario, options: &Load) -> anyhow::Result<Report> {
    let lesson = Lesson::read(scenario)?;
    if let Err(obstacle) = ready(scenario).await? {
        bail!("{obstacle}");
    }
    let (desired, before) = running(scenario)?;
    let subject = Subject::now(scenario, &lesson, &desired).await?;
    let machine = Machine::this();
    let load = Options {
        only: options.only.as_deref(),
        users: options.users.map(|users| users as usize),
        // Whatever it is, it makes this an open loop.
        rate_per_s: Some(options.rate.unwrap_or(50.0)),
        duration: Some(options.duration.unwrap_or(STEP)),
        ..Options::default()
    };
    let plan = loadgen::Plan { warm_up: WARM_UP, ..plan(&lesson, &desired, &load)? };
    prepare(scenario, &lesson, &desired).await?;
    let limits = Limits { p99_ms: f64::from(options.p99), ..Limits::default() };
    eprintln!(
        "faster and faster, {} s at a time, on http://{}; about two minutes",
        plan.duration.as_secs(),
        plan.target
    );
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let climb = generate(Board::of(scenario), plan, move |plan, stop, live| {
        climb(plan, &limits, stop, |rate, now| live.show(&format!("{rate} per second, "), now))
    });
    let climb = climb.await?;
    let why_invalid = why_worthless(&before, &running(scenario)?.1);
    let report = Report { started_unix_s: started.as_secs(), limits, climb, why_invalid, subject, machine };
    // The disk may be full by now: what was measured is shown all the same.
    if let Err(error) = report.store(&scenario.dir().join("climbs")) {
        eprintln!("lab: this is not saved: {error:#}");
    }
    Ok(report)
}

impl Report {
    fn store(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder)?;
        project::write_json(&folder.join(format!("{}.json", self.started_unix_s)), self)
    }

    /// 0, or 3 when it was not the service that ended the climb.
    pub fn exit_code(&self) -> ExitCode {
        if self.climb.found && self.why_invalid.is_none() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(INCONCLUSIVE)
        }
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Climb { sustained_per_s, found, steps } = &self.climb;
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        table.set_header(["Per second", "Answered", "Success", "p50", "p99", "Kept up"]);
        for step in steps {
            table.add_row(row(step));
        }
        table.column_iter_mut().take(5).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
        writeln!(f, "{table}\n")?;
        match sustained_per_s {
            Some(rate) => writeln!(f, "It sustained {rate} requests per second.")?,
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
            None if !found => writeln!(f, "Whether it can do more is not known: the climb did not end.")?,
            None => (),
        }
        if let Some(why) = &self.why_invalid {
            writeln!(f, "Do not believe these numbers: {why}.")?;
        }
        write!(
            f,
            "\nNext: see half of it at length, with: cargo lab load --rate {:.0}",
            sustained_per_s.unwrap_or(2.0) / 2.0
        )
    }
}

fn row(step: &Step) -> [String; 6] {
    let ms = |of: fn(&loadgen::LatencyMs) -> f64| {
        step.summary
            .total
            .latency_ms
            .as_ref()
            .map_or_else(|| "-".to_owned(), |ms| format!("{:.1} ms", of(ms)))
    };
    [
        step.rate_per_s.to_string(),
        format!("{:.0}", step.answered_per_s),
        percent(step.summary.total.success_rate),
        ms(|ms| ms.p50),
        ms(|ms| ms.p99),
        step.why_not.clone().unwrap_or_else(|| "yes".to_owned()),
    ]
}
