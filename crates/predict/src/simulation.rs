//! A discrete-event simulation of users, servers, their pools, and one database: the state changes only at events, and the
//! simulator computes the time of the next event.
//!
//! ```text
//! users ──▶ load generator ──▶ server 1 … n ──▶ its pool ──▶ database ──▶ back through the server
//!           (one thread)       (one thread,     (first come,  (CPU shared
//!                               capped or not)   first served)  by all at work, and waits that cost no CPU)
//! ```
//!
//! It does not simulate networks, full disks, cold caches, and lock waits. All requests are of one kind, the average one.
//!
//! Source: A. M. Law, "Simulation Modeling and Analysis", chapter 1; processor sharing in virtual time as in A. Demers,
//! S. Keshav, S. Shenker, "Analysis and Simulation of a Fair Queueing Algorithm" (1989).

mod model;
mod fifo;
mod cpu;
mod statistics;
mod simulator;
mod request_flow;

pub use cpu::Cpu;
pub use model::{Arrivals, Demand, Latency, Model, Outcome};

/// Simulates `model` in its steady state, with random numbers from `seed`. The same seed gives the same outcome.
pub fn simulate(model: &Model, seed: u64) -> Outcome {
    simulator::Simulator::new(model, seed).run()
}

#[cfg(test)]
mod tests;
