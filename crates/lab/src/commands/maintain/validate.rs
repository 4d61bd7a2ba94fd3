//! `lab validate`: proves each lesson both ways.

pub use workflow::validate::validate as run;
