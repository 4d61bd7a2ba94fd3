//! Whether two measurements differ, by how much, and how certain that is. Pure arithmetic, which knows no load tests.
//!
//! The unit of comparison is the *block*: one figure for each few seconds of a run, or for each of several short runs. The
//! requests within a block are no independent samples, because they wait in the same queues. With 150,000 of them every
//! difference would be "significant", even that between two runs of the same program.
//!
//! Three steps: [`Estimate`] gives the change and its confidence interval, [`Noise`] how much two runs of the same program
//! differ on this machine, and [`judge`] the verdict from both. When two runs are inconclusive, the two programs are run in
//! pairs until the answer is clear ([`Estimate::paired`], [`InterimAnalyses`]).

mod estimate;
mod interim;
mod noise;
mod paired;
mod verdict;

pub use estimate::{Estimate, Scale};
pub use interim::InterimAnalyses;
pub use noise::Noise;
pub use verdict::{Prefer, Verdict, judge};
