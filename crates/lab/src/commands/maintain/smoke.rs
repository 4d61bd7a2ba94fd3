//! `lab smoke`: takes a lesson through its stages in a short run, and compares its claims with what is measured.

pub use workflow::smoke::smoke as run;
