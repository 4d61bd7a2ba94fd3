//! Runs the load generator on its own thread, with a live progress line.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Context;
use format::counted;
use indicatif::{ProgressBar, ProgressStyle};
use loadgen::{Phase, Plan, Progress, samples_needed};
use project::Session;
use tokio::{signal::ctrl_c, time::sleep};

use crate::live_figures::{LiveFigures, LoadNow};

/// Lets the generator `work` on `plan` on a thread of its own. Ctrl-C and the end of `session` stop it early; its results
/// so far are kept.
///
/// # Errors
/// When the work fails.
pub async fn generate<T: Send + 'static>(
    session: &Session,
    plan: Plan,
    work: impl FnOnce(&Plan, &AtomicBool, &Live) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let stop = Arc::new(AtomicBool::new(false));
    let generator = thread::spawn({
        let (stop, board) = (Arc::clone(&stop), LiveFigures::of(&session.scenario));
        move || work(&plan, &stop, &Live::new(board, &plan))
    });
    while !generator.is_finished() {
        tokio::select! {
            () = sleep(Duration::from_millis(50)) => {
                if !session.status.supervisor.is_alive() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
            result = ctrl_c() => {
                result?;
                stop.store(true, Ordering::Relaxed);
            }
        }
    }
    generator.join().ok().context("the load generator panicked; this is a bug in the lab")?
}

/// A line that moves in a terminal, and a plain line per second elsewhere. Both go to standard error, and the same to the
/// board.
pub struct Live {
    bar: ProgressBar,
    /// The phase of the last plain line; `None` in a terminal.
    told: Option<Cell<(Phase, u64)>>,
    board: LiveFigures,
    whole: Duration,
}

impl Live {
    fn new(board: LiveFigures, plan: &Plan) -> Self {
        let whole = plan.warm_up.saturating_add(plan.duration);
        let bar = ProgressBar::new(whole.as_millis() as u64);
        let style = ProgressStyle::with_template("{bar:30} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let told = bar.is_hidden().then(|| Cell::new((Phase::Preflight, 0)));
        Self { bar, told, board, whole }
    }

    /// Shows where the run stands; `what` it is comes first.
    pub fn show(&self, what: &str, progress: &Progress) {
        let phase = match progress.phase {
            Phase::Preflight => "trying each request once",
            Phase::WarmUp => "warming up",
            Phase::Measure => "measuring",
            Phase::Drain => "waiting for the last answers",
        };
        self.board.tell(&LoadNow::new(phase, self.whole, progress));
        let latency = latency(progress);
        let (ok, rate) = (progress.ok, progress.ok_per_s);
        let errors = counted(progress.errors as f64, "error");
        let now = (progress.phase, progress.elapsed.as_secs());
        if self.told.as_ref().is_some_and(|told| told.replace(now) == now) {
            return;
        }
        let line = format!("{what}{phase}: {ok} ok ({rate:.0}/s), {errors}, {latency}");
        if self.told.is_some() {
            eprintln!("{line}");
        } else {
            self.bar.set_position(progress.elapsed.as_millis() as u64);
            self.bar.set_message(line);
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        if let Some(last) = self.board.read::<LoadNow>() {
            self.board.tell(&last.over());
        }
    }
}

/// The highest percentile for which the last second had enough answers: of three, p99 would be the slowest of them.
fn latency(progress: &Progress) -> String {
    let [p50, p95, p99] = progress.latency_ms.unwrap_or_default();
    let percentiles = [("p99", 0.99, p99), ("p95", 0.95, p95), ("p50", 0.5, p50)];
    let has_enough =
        |(_, quantile, _): &(&str, f64, f64)| progress.latency_samples >= samples_needed(*quantile);
    match percentiles.into_iter().find(has_enough) {
        Some((name, _, ms)) => format!("{name} {ms:.0} ms"),
        None => "too few answers for a latency".to_owned(),
    }
}
