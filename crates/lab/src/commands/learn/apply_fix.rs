//! `lab apply-fix`: applies the lesson's `fix.sql`.

pub use workflow::apply_fix::apply_fix as run;
