//! A discrete-event simulation of users, servers, their pools, and one database: nothing happens but at the times at
//! which something changes, and from one to the next it is computed.
//!
//! ```text
//! users ──▶ load generator ──▶ server 1 … n ──▶ its pool ──▶ database ──▶ back through the server
//!           (one thread)       (one thread,     (first come,  (CPU shared
//!                               capped or not)   first served)  by all at work, and waits that cost no CPU)
//! ```
//!
//! What it does not know: networks, disks that fill up, caches that go cold, locks that more users fight for. All requests
//! are of one kind, the average one.
//!
//! Source: A. M. Law, "Simulation Modeling and Analysis", chapter 1; processor sharing in virtual time as in A. Demers,
//! S. Keshav, S. Shenker, "Analysis and Simulation of a Fair Queueing Algorithm" (1989).

mod model;
mod line;
mod cpu;
mod counted;
mod world;
mod course;

pub use cpu::Cpu;
pub use model::{Arrivals, Demand, Latency, Model, Outcome};

/// Plays `model` until the numbers stand, with the random numbers of `seed`: the same seed, the same outcome.
pub fn simulate(model: &Model, seed: u64) -> Outcome {
    world::World::new(model, seed).play()
}

#[cfg(test)]
mod tests;
