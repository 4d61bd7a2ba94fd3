//! `lab check`: a verdict per promise and goal of the lesson.

pub use workflow::check::check as run;
