//! A load test from preflight to report.

use std::{sync::atomic::AtomicBool, time::Duration};

use crate::{Plan, Run};

/// Where a load test stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Whether anything listens at all.
    Preflight,
    /// Full load, not yet counted.
    WarmUp,
    /// Full load, counted.
    Measure,
    /// No new requests; those in flight are waited for.
    Drain,
}

/// What a live line shows, five times a second.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Where the test stands.
    pub phase: Phase,
    /// Time in this phase.
    pub elapsed: Duration,
    /// Good answers since measuring began.
    pub ok: u64,
    /// Errors since measuring began.
    pub errors: u64,
    /// Good answers per second, over the last second.
    pub ok_per_s: f64,
    /// What 99 % of the last second's good answers did not exceed; `None` when there were none.
    pub p99_ms: Option<f64>,
}

/// Runs `plan` to its end, or until `stop` is set.
///
/// # Errors
/// The plan cannot be run, or nothing listens at its target.
pub fn run(_plan: &Plan, _stop: &AtomicBool, _progress: impl FnMut(&Progress)) -> anyhow::Result<Run> {
    todo!()
}
