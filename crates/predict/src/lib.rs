//! Predicts the performance of a system: formulas of queueing theory, and a simulation for systems that they do not cover.
//!
//! | question | answer |
//! |---|---|
//! | how many requests are in a system, and for how long? | [`little`]: Little's law, which holds for every system |
//! | how long do independent requests wait? | [`Queue`]: M/M/c, Erlang's formula |
//! | and when each of N users waits for an answer before the next request? | [`Repairman`]: the machine-repairman model |
//! | how much do more servers help? | [`Scalability`]: the Universal Scalability Law, fitted to measurements |
//! | all of this together, also for sizes that this machine cannot run? | [`simulate`]: each request, event by event |
//!
//! Nothing here reads a clock, a file or the network. Time is in seconds, as `f64`: models compute with it.

pub mod little;
mod queue;
mod repairman;
mod scalability;
mod simulation;

pub use queue::Queue;
pub use repairman::Repairman;
pub use scalability::Scalability;
pub use simulation::{Arrivals, Cpu, Demand, Latency, Model, Outcome, simulate};
