//! Collects what the generator threads report while a run goes on: the live progress, and one row per second.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use crate::{
    Outcome, Row,
    recorder::{Answers, Window},
    ticks::{TICK, Tick},
};

/// The phase of a load test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// One connection, to see whether the server listens.
    Preflight,
    /// Full load that is not measured.
    WarmUp,
    /// Full load that is measured.
    Measure,
    /// No new requests; the generator waits for those in flight.
    Drain,
}

/// Progress of a load test, reported five times a second.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The phase now.
    pub phase: Phase,
    /// Time in this phase.
    pub elapsed: Duration,
    /// Good answers since measuring began.
    pub ok: u64,
    /// Errors since measuring began.
    pub errors: u64,
    /// The same by class, in the order of [`Outcome::ERRORS`].
    pub by_class: [u64; Outcome::ERRORS.len()],
    /// Good answers per second, over the last second.
    pub ok_per_s: f64,
    /// What 50, 95 and 99 % of the last second's good answers did not exceed; `None` when there were none.
    pub latency_ms: Option<[f64; 3]>,
    /// How many answers `latency_ms` rests on; [`samples_needed`](crate::samples_needed) tells whether they are enough.
    pub latency_samples: u64,
}

impl Progress {
    /// Before anything has happened.
    pub(crate) const START: Self = Self {
        phase: Phase::Preflight,
        elapsed: Duration::ZERO,
        ok: 0,
        errors: 0,
        by_class: [0; Outcome::ERRORS.len()],
        ok_per_s: 0.0,
        latency_ms: None,
        latency_samples: 0,
    };
}

/// Ticks of one thread that make the last second.
const RECENT: usize = (1_000 / TICK.as_millis()) as usize;

/// What the threads reported so far.
pub(crate) struct Timeline {
    window: Window,
    threads: usize,
    progress: Progress,
    /// When the phase began.
    phase_began: Instant,
    recent: VecDeque<Answers>,
    /// Seconds for which a thread may still report.
    open: BTreeMap<u64, Answers>,
    rows: Vec<Row>,
}

impl Timeline {
    pub fn new(window: Window, threads: usize) -> Self {
        Self {
            window,
            threads,
            progress: Progress::START,
            phase_began: Instant::now(),
            recent: VecDeque::new(),
            open: BTreeMap::new(),
            rows: Vec::new(),
        }
    }

    pub fn add(&mut self, tick: Tick) {
        if let Some(second) = tick.second {
            // A histogram per second of a long run takes too much memory. After two seconds, all threads have
            // reported; the answers of a thread that is later than that count in a later second.
            while self.open.first_key_value().is_some_and(|(&oldest, _)| oldest + 1 < second) {
                self.close_oldest();
            }
            let closed = self.rows.last().map_or(0, |row| row.second + 1);
            self.open.entry(second.max(closed)).or_default().add(&tick.answers);
            self.progress.ok += tick.answers.ok.count();
            self.progress.errors += tick.answers.errors.values().sum::<u64>();
            for (class, count) in Outcome::ERRORS.iter().zip(&mut self.progress.by_class) {
                *count += tick.answers.errors.get(class).copied().unwrap_or_default();
            }
        }
        self.recent.push_back(tick.answers);
        if self.recent.len() > RECENT * self.threads {
            self.recent.pop_front();
        }
    }

    /// The progress `now`.
    pub fn progress(&mut self, now: Instant, stopped: bool) -> &Progress {
        let phase = match now {
            _ if stopped || now >= self.window.until => Phase::Drain,
            _ if now >= self.window.from => Phase::Measure,
            _ => Phase::WarmUp,
        };
        if phase != self.progress.phase {
            self.phase_began = now;
        }
        let mut recent = Answers::default();
        self.recent.iter().for_each(|answers| recent.add(answers));
        let seconds = TICK.as_secs_f64() * self.recent.len() as f64 / self.threads as f64;
        self.progress = Progress {
            phase,
            elapsed: now - self.phase_began,
            ok_per_s: recent.ok.count() as f64 / seconds,
            latency_ms: recent
                .ok
                .quantile_ms(0.5)
                .zip(recent.ok.quantile_ms(0.95))
                .zip(recent.ok.quantile_ms(0.99))
                .map(|((p50, p95), p99)| [p50, p95, p99]),
            latency_samples: recent.ok.count(),
            ..self.progress
        };
        &self.progress
    }

    /// All rows, when the run has ended.
    pub fn finish(mut self) -> Vec<Row> {
        while !self.open.is_empty() {
            self.close_oldest();
        }
        self.rows
    }

    fn close_oldest(&mut self) {
        if let Some((second, Answers { ok, errors })) = self.open.pop_first() {
            let (p50_ms, p99_ms) = (ok.quantile_ms(0.5), ok.quantile_ms(0.99));
            self.rows.push(Row { second, ok: ok.count(), errors, p50_ms, p99_ms });
        }
    }
}
