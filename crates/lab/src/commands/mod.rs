//! One file per verb: it asks the crates below, and prints what they answer.

mod keys;
pub mod run;
pub mod measure;
pub mod learn;
pub mod maintain;
