//! `lab hint`: the next of four hints, about the first problem that the last check or load test found.

pub use verdict::hints::next as run;
