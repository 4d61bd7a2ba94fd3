//! Whether two measurements differ, by how much, and how sure that is. Pure arithmetic; it knows no load test.
//!
//! What is compared is *blocks*: one figure for each few seconds of a run, or for each of several short runs. The
//! requests within them are no samples: they wait in the same queues, so with 150,000 of them every difference would
//! be "significant", that between two runs of the same program included.
//!
//! Three things in turn: [`Estimate`] says what the blocks show, [`Noise`] how much two runs of the same thing differ
//! on this machine, and [`judge`] what can be concluded from both. Where that is too much, the two are run in pairs
//! until the answer is clear ([`Estimate::paired`], [`Looks`]).

mod estimate;
mod looks;
mod noise;
mod paired;
mod verdict;

pub use estimate::{Estimate, Scale};
pub use looks::Looks;
pub use noise::Noise;
pub use verdict::{Prefer, Verdict, judge};
