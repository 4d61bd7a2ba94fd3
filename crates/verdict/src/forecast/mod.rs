//! What a system will do, computed from what was measured of it: the formulas and the simulation of the crate `predict`,
//! fed with the learner's own runs and the topology that the compose file describes.

mod demand;
mod report;
pub mod model;

use format::counted;
use predict::{Arrivals, Demand, Model, Outcome, Queue, Repairman, Scalability, simulate};
use serde::Serialize;

pub use crate::forecast::demand::{Known, known};

/// One seed, so that the same question has the same answer.
const SEED: u64 = 1;

/// What will happen, and how that was found.
#[derive(Debug, Serialize)]
pub struct Forecast {
    /// What is simulated.
    pub model: Model,
    /// What each part can do at most, per second; the smallest one first.
    pub limits: Vec<Limit>,
    /// Requests per second and seconds of each, by the machine-repairman model at the smallest limit; `None` in an open
    /// load.
    pub closed: Option<Closed>,
    /// Waiting at the smallest limit by Erlang's formula; `None` in a closed loop.
    pub open: Option<Open>,
    /// The simulation's answer.
    pub simulated: Outcome,
    /// The Universal Scalability Law, where runs with different numbers of servers were made.
    pub scalability: Option<Scalability>,
    /// Limits of this prediction, in words.
    pub unknown: Vec<String>,
}

/// What a part of the system can do at most.
#[derive(Clone, Debug, Serialize)]
pub struct Limit {
    /// Which part, and why so much: `3 connections / 52.1 ms`.
    pub why: String,
    /// How many of it there are.
    pub places: usize,
    /// How long a request occupies one, in seconds.
    pub service_s: f64,
    /// Requests per second.
    pub per_s: f64,
}

/// A closed loop: each user waits for the answer.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Closed {
    /// Requests per second.
    pub per_s: f64,
    /// Mean time of a request, in seconds.
    pub response_s: f64,
}

/// An open loop: requests arrive at a rate.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Open {
    /// Share of the time that it works; from 1 on the queue grows without end.
    pub utilization: f64,
    /// Probability that a request waits.
    pub waits: f64,
    /// Mean time of a request, in seconds; `None` where the queue grows without end.
    pub response_s: Option<f64>,
}

impl Forecast {
    /// Computes what `model` will do.
    pub fn of(model: Model, scalability: Option<Scalability>, unknown: Vec<String>) -> Self {
        let limits = limits(&model);
        let smallest = limits.first();
        let closed = smallest.and_then(|limit| closed(&model, limit));
        let open = smallest.and_then(|limit| open(&model, limit));
        let simulated = simulate(&model, SEED);
        Self { model, limits, closed, open, simulated, scalability, unknown }
    }
}

/// Little's law for each part: what is in there, by how long it stays.
fn limits(model: &Model) -> Vec<Limit> {
    let Demand { generator_s, server_s, to_database, database_s, database_wait_s, held_s } = model.demand;
    let held_s = to_database * (database_s + database_wait_s + held_s);
    let connections = model.servers.saturating_mul(model.pool).min(model.slots);
    let computed_s = to_database * database_s + generator_s;
    let computed_s = if model.server_cpu.is_some() { computed_s } else { computed_s + server_s };
    let cores = model.server_cpu.map_or(1.0, predict::Cpu::cores);
    let limit = |what: String, places: usize, size: f64, used_s: f64| Limit {
        why: format!("{what} / {:.3} ms", used_s * 1_000.0),
        places,
        service_s: used_s / size,
        per_s: places as f64 * size / used_s,
    };
    let whole_cores = model.cores.round().max(1.0);
    let mut limits = vec![
        limit(counted(connections as f64, "connection"), connections, 1.0, held_s),
        limit(
            format!("{} of the machine", counted(model.cores, "core")),
            whole_cores as usize,
            model.cores / whole_cores,
            computed_s,
        ),
        limit(
            format!("{} of {}", counted(model.servers as f64, "server"), counted(cores, "core")),
            model.servers,
            cores,
            server_s,
        ),
    ];
    // What is not used has no limit.
    limits.retain(|limit| limit.service_s > 0.0);
    limits.sort_by(|one, other| one.per_s.total_cmp(&other.per_s));
    limits
}

/// The users before the part with the smallest limit. What they spend in the other parts is their pause.
fn closed(model: &Model, limit: &Limit) -> Option<Closed> {
    let Arrivals::Users(users, think_s) = model.arrivals else { return None };
    let Demand { server_s, to_database, database_s, database_wait_s, held_s, .. } = model.demand;
    let alone_s = server_s + to_database * (database_s + database_wait_s + held_s);
    let elsewhere_s = (alone_s - limit.service_s).max(0.0);
    let repairman = Repairman {
        users,
        think_s: think_s + elsewhere_s,
        servers: limit.places,
        service_s: limit.service_s,
    };
    let per_s = repairman.per_s();
    Some(Closed { per_s, response_s: users as f64 / per_s - think_s })
}

fn open(model: &Model, limit: &Limit) -> Option<Open> {
    let (Arrivals::Even(arrivals_per_s) | Arrivals::Random(arrivals_per_s)) = model.arrivals else {
        return None;
    };
    let queue = Queue { servers: limit.places, arrivals_per_s, service_s: limit.service_s };
    Some(Open { utilization: queue.utilization(), waits: queue.waits(), response_s: queue.mean_response_s() })
}

#[cfg(test)]
mod recorded;

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(arrivals: Arrivals, pool: usize) -> Forecast {
        let demand = Demand {
            server_s: 0.0003,
            to_database: 1.0,
            database_s: 0.0005,
            database_wait_s: 0.0505,
            ..Demand::default()
        };
        let model = Model {
            arrivals,
            servers: 1,
            server_cpu: None,
            pool,
            patience_s: None,
            slots: 37,
            cores: 2.0,
            demand,
        };
        Forecast::of(model, None, Vec::new())
    }

    fn agree(one: f64, other: f64) {
        assert!((one / other - 1.0).abs() < 0.05, "{one}, {other}");
    }

    #[test]
    fn a_pool_serves_its_connections_divided_by_how_long_each_is_held() {
        for pool in [3, 10] {
            let forecast = jobs(Arrivals::Users(50, 0.0), pool);
            let expected = pool as f64 / 0.051;
            assert_eq!(forecast.limits[0].places, pool);
            agree(forecast.limits[0].per_s, expected);
            agree(forecast.closed.unwrap().per_s, expected);
            agree(forecast.simulated.ok_per_s, expected);
        }
    }

    #[test]
    fn a_pool_cannot_be_larger_than_what_the_database_has_to_give() {
        let forecast = jobs(Arrivals::Users(200, 0.0), 500);
        assert_eq!(forecast.limits[0].places, 37);
        agree(forecast.simulated.ok_per_s, 37.0 / 0.051);
    }

    #[test]
    fn more_than_can_be_served_grows_without_end() {
        let open = jobs(Arrivals::Random(100.0), 3).open.unwrap();
        assert!(open.utilization > 1.0 && open.response_s.is_none());
        let open = jobs(Arrivals::Random(30.0), 3).open.unwrap();
        assert!(open.utilization < 0.6 && open.response_s.unwrap() < 0.1);
    }
}
