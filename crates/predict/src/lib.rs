//! What a system will do, before it is tried: the formulas of queueing theory, and a simulation for what they do not
//! reach.
//!
//! | question | answer |
//! |---|---|
//! | how many are in there? how long do they stay? | [`little`]: Little's law, which holds for everything |
//! | how long is the queue, when work comes by itself? | [`Queue`]: M/M/c, Erlang's formula |
//! | and when N users come again only once they are answered? | [`Repairman`]: the machine-repairman model |
//! | what do more servers bring? | [`Scalability`]: the Universal Scalability Law, fitted to what was measured |
//! | all of it together, at a size that is not here? | [`simulate`]: each request, event by event |
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
