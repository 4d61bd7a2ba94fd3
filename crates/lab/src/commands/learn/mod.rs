//! Commands that guide a learner through a lesson.

pub mod hint;
pub mod progress;
pub mod apply_fix;
pub mod sql;
pub mod redis;
pub mod reset;
pub mod solution;
