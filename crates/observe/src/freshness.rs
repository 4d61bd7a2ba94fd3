//! A user who writes and then reads: do the answers contain the write?

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, ensure};
use lesson::Freshness;
use loadgen::Endpoint;
use serde::{Deserialize, Serialize};

use crate::live_figures::{LiveFigure, LiveFigures};

/// Between the reads and the next write. A user who writes without a pause would keep every cache empty.
const PAUSE: Duration = Duration::from_millis(500);

/// Who look at once after a write, each on a connection of its own, so that a balancer spreads them.
const READERS: u32 = 40;

/// Its outcome.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Reads {
    /// Reads after a write that was confirmed.
    pub reads: u64,
    /// Those that did not know of it.
    pub stale: u64,
    /// Writes and reads that got no good answer.
    pub failed: u64,
}

impl Reads {
    /// Share of the reads that were stale, 0 to 1; NaN when there were none.
    pub fn share_stale(&self) -> f64 {
        self.stale as f64 / self.reads as f64
    }

    fn add(&mut self, more: &Self) {
        self.reads += more.reads;
        self.stale += more.stale;
        self.failed += more.failed;
    }
}

impl LiveFigure for Reads {
    const BY: &str = "reads";
}

/// A running user; it ends when its result is taken, or when this is dropped.
pub struct Reader {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<Reads>>,
}

impl Reader {
    /// Starts to write and read on `target` (`127.0.0.1:8080`), and reports to the `board`.
    pub fn start(board: LiveFigures, target: String, freshness: Freshness) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            let mut reads = Reads::default();
            for number in 0_u64.. {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let mark = format!("mark-{}-{number}-", std::process::id());
                match write(&freshness, &target, &mark) {
                    Ok(()) => reads.add(&read(&freshness, &target, &mark)),
                    Err(_) => reads.failed += 1,
                }
                board.tell(&reads);
                thread::sleep(PAUSE);
            }
            reads
        });
        Self { stop, thread: Some(thread) }
    }

    /// Its result.
    ///
    /// # Errors
    /// When it panicked, which is a bug in the lab.
    pub fn finish(mut self) -> anyhow::Result<Reads> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().context("it has finished already")?;
        thread.join().ok().context("the user who reads its own writes panicked; this is a bug in the lab")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Writes `mark`.
///
/// # Errors
/// When the write is not confirmed.
pub fn write(freshness: &Freshness, target: &str, mark: &str) -> anyhow::Result<()> {
    let body = freshness.write.body.replace("{mark}", mark);
    ask(target, &Endpoint { body, ..freshness.write.clone() }).map(drop)
}

/// What becomes of reads that all begin after `mark` was written, and end before anything else is.
fn read(freshness: &Freshness, target: &str, mark: &str) -> Reads {
    let knows = || anyhow::Ok(String::from_utf8_lossy(&ask(target, &freshness.read)?).contains(mark));
    let results: Vec<_> = thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(knows)).collect();
        readers.into_iter().filter_map(|reader| reader.join().ok()).collect()
    });
    let count = |wanted: fn(&anyhow::Result<bool>) -> bool| {
        results.iter().filter(|result| wanted(result)).count() as u64
    };
    Reads {
        reads: count(Result::is_ok),
        stale: count(|result| matches!(result, Ok(false))),
        failed: count(Result::is_err),
    }
}

/// The body of a good answer.
///
/// # Errors
/// When there is no answer, or no good one.
pub fn ask(target: &str, endpoint: &Endpoint) -> anyhow::Result<Vec<u8>> {
    let answer = loadgen::fetch(target, endpoint, Duration::from_secs(5))?;
    ensure!(answer.status < 300, "{} answers {}", endpoint.path, answer.status);
    Ok(answer.body)
}
