//! `lab results`: the load tests so far in one table.

pub use view::results::run;
