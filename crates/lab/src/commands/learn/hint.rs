//! `lab hint`: the next of four hints, about whatever the last check or load test showed to be wrong.

pub use verdict::hints::next as run;
