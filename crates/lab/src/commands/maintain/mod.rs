//! What proves that the lab and its lessons are in order.

pub mod clean;
pub mod completions;
pub mod doctor;
pub mod smoke;
pub mod validate;
