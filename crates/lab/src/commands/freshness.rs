//! A user who writes and reads back: does the answer know of the write?

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context, ensure};
use loadgen::Endpoint;
use serde::{Deserialize, Serialize};

/// Between a read and the next write. A user who writes without a pause would keep every cache empty.
const PAUSE: Duration = Duration::from_millis(20);

/// What is written and read back.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freshness {
    /// In its body `{mark}` is another text each time.
    pub write: Endpoint,
    /// Its answer holds that text, unless it is stale.
    pub read: Endpoint,
}

/// What became of it.
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
    /// Share of the reads that were stale, 0 to 1; not a number when there were none.
    pub fn share_stale(&self) -> f64 {
        self.stale as f64 / self.reads as f64
    }
}

/// A user under way; it ends when this is asked what it saw, or dropped.
pub struct Reader {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<Reads>>,
}

impl Reader {
    /// Starts to write and read on `target` (`127.0.0.1:8080`).
    pub fn start(target: String, freshness: Freshness) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            let mut reads = Reads::default();
            for number in 0_u64.. {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let mark = format!("mark-{}-{number}-", std::process::id());
                match write_and_read(&target, &freshness, &mark) {
                    Ok(is_fresh) => {
                        reads.reads += 1;
                        reads.stale += u64::from(!is_fresh);
                    }
                    Err(_) => reads.failed += 1,
                }
                thread::sleep(PAUSE);
            }
            reads
        });
        Self { stop, thread: Some(thread) }
    }

    /// What it saw.
    ///
    /// # Errors
    /// When it panicked, which is a fault of the lab.
    pub fn finish(mut self) -> anyhow::Result<Reads> {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().context("it has finished already")?;
        thread.join().ok().context("the user who reads back panicked; that is a fault of the lab")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn write_and_read(target: &str, freshness: &Freshness, mark: &str) -> anyhow::Result<bool> {
    let Freshness { write, read } = freshness;
    let write = Endpoint { body: write.body.replace("{mark}", mark), ..write.clone() };
    ask(target, &write)?;
    Ok(String::from_utf8_lossy(&ask(target, read)?).contains(mark))
}

fn ask(target: &str, endpoint: &Endpoint) -> anyhow::Result<Vec<u8>> {
    let answer = loadgen::fetch(target, endpoint, Duration::from_secs(5))?;
    ensure!(answer.status < 300, "{} answers {}", endpoint.path, answer.status);
    Ok(answer.body)
}
