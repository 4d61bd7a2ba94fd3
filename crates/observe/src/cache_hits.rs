//! A user who reads lists while there are no writes: how many of them come from a cache?
//!
//! Hit rates under load cannot be compared: a faster service reads the cache more often between two writes, and a stale
//! entry counts as a hit. Here every system gets the same requests, and nothing is stale.

use anyhow::Context;
use compose::service_spec::Service;
use lesson::Freshness;
use project::spec_file::Spec;

use crate::{
    counters::Counters,
    freshness::{self, ask},
};

/// Enough for ten looks at each of 30 lists.
const REQUESTS: u32 = 300;

/// Share of the answers of `entry`, on `target` (`127.0.0.1:8080`), that came from a cache, 0 to 1. Takes a second or two,
/// one request after the other. Blocks.
///
/// # Errors
/// When an answer is missing, or no good one, or there is no cache.
pub fn hit_rate(spec: &Spec, entry: &Service, target: &str, reads: &Freshness) -> anyhow::Result<f64> {
    let browse = reads.browse.as_ref().context("the lesson has no lists to read")?;
    // One for each server, so that no server has a cached entry.
    for _ in spec.servers(entry) {
        freshness::write(reads, target, "")?;
    }
    let before = Counters::read(spec, entry)?;
    for _ in 0..REQUESTS {
        ask(target, browse)?;
    }
    Counters::read(spec, entry)?.since(&before).hit_rate().context("the service reports no cache lookups")
}
