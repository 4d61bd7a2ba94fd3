//! A user who leafs through lists while nobody writes: how many of them come from a cache?
//!
//! Under load that cannot be compared. Whoever serves more looks into the cache more often between two writes, and a copy
//! that should be gone is a hit as well. Here everybody is asked the same, as often, and nothing is out of date.

use anyhow::Context;
use compose::spec::Service;
use lesson::Freshness;
use project::spec::Spec;

use crate::{
    counters::Counters,
    freshness::{self, ask},
};

/// Enough for ten looks at each of 30 lists.
const REQUESTS: u32 = 300;

/// Share of the answers of `asked`, on `target` (`127.0.0.1:8080`), that came from a cache, 0 to 1. Takes a second or two,
/// one request after the other. Blocks.
///
/// # Errors
/// When an answer is missing, or no good one, or there is no cache.
pub fn hit_rate(spec: &Spec, asked: &Service, target: &str, reads: &Freshness) -> anyhow::Result<f64> {
    let browse = reads.browse.as_ref().context("the lesson has nothing to leaf through")?;
    // One for each server, so that none has a copy from before.
    for _ in spec.servers(asked) {
        freshness::write(reads, target, "")?;
    }
    let before = Counters::read(spec, asked)?;
    for _ in 0..REQUESTS {
        ask(target, browse)?;
    }
    Counters::read(spec, asked)?.since(&before).hit_rate().context("nothing is looked up in a cache")
}
