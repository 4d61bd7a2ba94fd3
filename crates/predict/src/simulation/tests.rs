use super::*;
use crate::{Queue, Repairman};

/// Requests that need nothing but `pool` connections for a while, on a machine that has cores for all.
fn connections(arrivals: Arrivals, pool: usize, database_s: f64) -> Model {
    Model {
        arrivals,
        servers: 1,
        server_cpu: None,
        pool,
        patience_s: None,
        slots: 1_000,
        cores: 1_000.0,
        demand: Demand { database_s, to_database: 1.0, ..Demand::default() },
    }
}

fn agree(simulated: f64, computed: f64, within: f64) {
    assert!((simulated / computed - 1.0).abs() < within, "simulated {simulated}, computed {computed}");
}

/// Means over several seeds: a queue near its limit varies.
fn mean(model: &Model, value: impl Fn(&Outcome) -> f64) -> f64 {
    (1..=20).map(|seed| value(&simulate(model, seed))).sum::<f64>() / 20.0
}

#[test]
fn random_arrivals_wait_as_erlang_computed() {
    for (servers, arrivals_per_s) in [(1, 7.0), (3, 24.0), (10, 80.0)] {
        let queue = Queue { servers, arrivals_per_s, service_s: 0.1 };
        let model = connections(Arrivals::Random(arrivals_per_s), servers, 0.1);
        agree(mean(&model, |outcome| outcome.waiting_s), queue.mean_wait_s().unwrap_or_default(), 0.05);
        agree(mean(&model, |outcome| outcome.connections), servers as f64 * queue.utilization(), 0.02);
    }
}

#[test]
fn users_who_think_are_the_machines_of_the_repairman() {
    for (users, think_s, pool) in [(10, 1.0, 2), (50, 0.5, 3), (5, 0.0, 10)] {
        let model = connections(Arrivals::Users(users, think_s), pool, 0.1);
        let repairman = Repairman { users, think_s, servers: pool, service_s: 0.1 };
        agree(mean(&model, |outcome| outcome.ok_per_s), repairman.per_s(), 0.02);
        let latency = |outcome: &Outcome| outcome.latency.map_or(f64::NAN, |latency| latency.mean);
        agree(mean(&model, latency), repairman.mean_response_s(), 0.02);
    }
}

#[test]
fn littles_law_holds_of_the_users() {
    let demand = Demand {
        server_s: 0.002,
        database_s: 0.003,
        database_wait_s: 0.01,
        to_database: 0.8,
        ..Demand::default()
    };
    let model = Model { cores: 2.0, demand, ..connections(Arrivals::Users(40, 0.0), 3, 0.0) };
    let outcome = simulate(&model, 1);
    let inside = crate::little::inside(outcome.ok_per_s, outcome.latency.map_or(0.0, |latency| latency.mean));
    agree(inside, 40.0, 0.02);
}

#[test]
fn capped_servers_serve_as_many_times_as_much_as_they_are() {
    let demand = Demand { server_s: 0.0002, database_s: 0.00005, to_database: 1.0, ..Demand::default() };
    let of = |servers| {
        let cpu = Some(Cpu { quota_s: 0.002, period_s: 0.02 });
        let model = Model {
            servers,
            server_cpu: cpu,
            cores: 2.0,
            demand,
            ..connections(Arrivals::Users(100, 0.0), 5, 0.0)
        };
        simulate(&model, 1)
    };
    agree(of(1).ok_per_s, 0.1 / 0.0002, 0.02);
    agree(of(2).ok_per_s, 0.2 / 0.0002, 0.02);
    assert!(of(1).server_busy > 0.98 && of(1).machine_busy < 0.1);
}

#[test]
fn the_cpu_of_the_machine_is_shared_by_all_that_compute_there() {
    let demand = Demand {
        generator_s: 0.001,
        server_s: 0.002,
        database_s: 0.005,
        to_database: 1.0,
        ..Demand::default()
    };
    let model = Model { cores: 2.0, demand, ..connections(Arrivals::Users(50, 0.0), 10, 0.0) };
    let outcome = simulate(&model, 1);
    agree(outcome.ok_per_s, 2.0 / 0.008, 0.03);
    assert!(outcome.machine_busy > 0.97, "{outcome:?}");
}

#[test]
fn who_waits_too_long_fails_and_asks_again() {
    let impatient = Model { patience_s: Some(0.2), ..connections(Arrivals::Users(50, 0.0), 3, 0.0) };
    let model =
        Model { demand: Demand { database_wait_s: 0.05, server_s: 0.0001, ..impatient.demand }, ..impatient };
    let outcome = simulate(&model, 1);
    // Three connections, lent for 50 ms each, whoever else gives up meanwhile.
    agree(outcome.ok_per_s, 60.0, 0.02);
    assert!((0.2..0.3).contains(&outcome.success_rate), "{outcome:?}");
}

#[test]
fn servers_for_which_the_database_has_no_connection_fail() {
    let demand = Demand { server_s: 0.001, database_s: 0.001, to_database: 1.0, ..Demand::default() };
    let model = Model { servers: 4, slots: 17, demand, ..connections(Arrivals::Users(8, 0.01), 10, 0.0) };
    let outcome = simulate(&model, 1);
    assert_eq!(outcome.without_connection, 2);
    assert!((0.4..0.6).contains(&outcome.success_rate), "{outcome:?}");
}

#[test]
fn a_thousand_servers_and_ten_thousand_users_are_played_in_no_time() {
    let cpu = Some(Cpu { quota_s: 0.002, period_s: 0.02 });
    let demand = Demand { server_s: 0.0002, database_s: 0.0001, to_database: 1.0, ..Demand::default() };
    let users = Arrivals::Users(10_000, 0.0);
    let model = Model {
        servers: 1_000,
        server_cpu: cpu,
        slots: 10_000,
        cores: 2.0,
        demand,
        ..connections(users, 10, 0.0)
    };
    let outcome = simulate(&model, 1);
    agree(outcome.ok_per_s, 20_000.0, 0.05);
    assert_eq!(outcome, simulate(&model, 1), "the same seed");
}
