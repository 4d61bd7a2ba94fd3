//! Runs the load generator on its own thread, with a live progress line.

use std::{
    cell::{Cell, RefCell},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use format::counted;
use indicatif::{ProgressBar, ProgressStyle};
use loadgen::{Phase, Plan, Progress};
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
    began: Cell<Option<Instant>>,
    /// Successful requests per second, one value for each second since the load began.
    rates: RefCell<Vec<f64>>,
}

impl Live {
    fn new(board: LiveFigures, plan: &Plan) -> Self {
        let whole = plan.warm_up.saturating_add(plan.duration);
        let bar = ProgressBar::new(whole.as_millis() as u64);
        // Both lines fit into 80 columns.
        let style = ProgressStyle::with_template("{bar:30} {prefix}\n{msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let told = bar.is_hidden().then(|| Cell::new((Phase::Preflight, 0)));
        Self { bar, told, board, whole, began: Cell::default(), rates: RefCell::default() }
    }

    /// Shows where the run stands; `what` it is comes first.
    pub fn show(&self, what: &str, progress: &Progress) {
        let phase = match progress.phase {
            Phase::Preflight => "trying each request once",
            Phase::WarmUp => "warming up",
            Phase::Measure => "measuring",
            Phase::Drain => "waiting for the last answers",
        };
        let since = self.since(progress);
        let load = LoadNow::new(phase, since, self.whole, progress, self.rates(since, progress));
        self.board.tell(&load);
        let latency = load
            .latency()
            .map_or_else(|| "too few for a latency".to_owned(), |(name, ms)| format!("{name} {ms:.0} ms"));
        let (ok, rate) = (progress.ok, progress.ok_per_s);
        let errors = counted(progress.errors as f64, "error");
        let now = (progress.phase, progress.elapsed.as_secs());
        if self.told.as_ref().is_some_and(|told| told.replace(now) == now) {
            return;
        }
        let figures = format!("{ok} ok ({rate:.0}/s), {errors}, {latency}");
        if self.told.is_some() {
            eprintln!("{what}{phase}: {figures}");
        } else {
            self.bar.set_position(since.as_millis() as u64);
            self.bar.set_prefix(format!("{what}{phase}"));
            self.bar.set_message(format!("{} {figures}", format::bars(load.last_rates(30))));
        }
    }

    /// Time since the load began.
    fn since(&self, progress: &Progress) -> Duration {
        if self.began.get().is_none() && progress.phase != Phase::Preflight {
            self.began.set(Some(Instant::now()));
        }
        self.began.get().map_or(Duration::ZERO, |began| began.elapsed())
    }

    /// The rates so far; adds one when a second has ended.
    fn rates(&self, since: Duration, progress: &Progress) -> Vec<f64> {
        let mut rates = self.rates.borrow_mut();
        if since.as_secs() > rates.len() as u64 && progress.phase != Phase::Drain {
            rates.push(progress.ok_per_s);
        }
        rates.clone()
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
