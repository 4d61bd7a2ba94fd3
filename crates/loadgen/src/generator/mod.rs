//! How the generator itself fared: its clocks, its CPU, and whether it stood still.

pub mod clocks;
pub mod throttling;
pub mod meter;
pub mod heartbeat;
