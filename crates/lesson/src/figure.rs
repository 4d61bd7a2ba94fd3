//! What a run fills in the tables of a lesson.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The figure for each name that the lesson gives a row or a column of its answer tables.
pub type Figures = BTreeMap<String, Figure>;

/// A figure of a saved run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Share of the started requests that succeeded, in per cent.
    SuccessRate,
    /// How many requests failed.
    FailedRequests,
    /// The most frequent error: the type of its problem, or the beginning of its body.
    MostFrequentError,
    /// Successes per second.
    OkPerS,
    /// Mean latency of the successes.
    MeanMs,
    /// What 99 % of the successes did not exceed.
    P99Ms,
    /// Share of the reads after one's own write that did not know of it.
    StaleReads,
    /// Share of the other client's attempts that the database refused.
    ProbesRefused,
    /// Share of the answers that came from a cache.
    HitRate,
    /// The same for one user before the load.
    BrowseHitRate,
}
