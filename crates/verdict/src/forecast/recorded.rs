//! Evidence of real runs, and what was measured after a change: is the change predicted? On two cores, rounded.

use predict::{Arrivals, Cpu, Model};
use serde_json::{Value, json};

use crate::forecast::{Forecast, Known, known};

/// What the evidence of a run tells; `generator_s` was the load generator's CPU per request.
fn of(generator_s: f64, evidence: Value) -> Known {
    known(&serde_json::from_value(evidence).unwrap(), generator_s).unwrap()
}

/// Scenario 3 as it comes: 50 users, a pool of 3, two thirds of the requests refused.
fn small_pool(busy_cores: f64) -> Known {
    of(
        0.066 / 1_477.0,
        json!({
            "elapsed_s": 8.264, "requests": 1_477, "failed": 0.653, "latency_ms": 204.1,
            "program": {
                "servers": 1, "requests": 2_014, "in_program_ms": 201.8, "waiting_ms": 189.6, "querying_ms": 12.18,
                "checkouts": 0.9975, "timeouts": 0.6524, "pool": 3, "cpu_cores": 0.0363, "cpu_limit_cores": 1.0,
                "is_capped": false,
            },
            "database": {
                "cpu_cores": 0.1137, "slots": 37, "open": 4, "different": 4, "open_mean": 3.81, "busy": 2.855,
                "waits": [["LWLock WALWrite", 1.806]], "statements": [], "scan": null,
            },
            "machine": {"cores": 2.0, "busy_cores": busy_cores},
            "generator": {"cores": 0.011, "busy": 0.011},
        }),
    )
}

/// Scenario 4 as it comes: 100 users, one server with 0.1 cores.
fn one_server() -> Known {
    of(
        0.119 / 5_553.0,
        json!({
            "elapsed_s": 8.146, "requests": 5_553, "failed": 0.0, "latency_ms": 107.2,
            "program": {
                "servers": 1, "requests": 7_440, "in_program_ms": 95.99, "waiting_ms": 85.83, "querying_ms": 9.9,
                "checkouts": 0.9995, "timeouts": 0.0, "pool": 10, "cpu_cores": 0.0994, "cpu_limit_cores": 0.1,
                "is_capped": true,
            },
            "database": {
                "cpu_cores": 0.0945, "slots": 17, "open": 10, "different": 10, "open_mean": 9.88, "busy": 0.0123,
                "waits": [], "statements": [], "scan": null,
            },
            // Others kept it busy.
            "machine": {"cores": 2.0, "busy_cores": 1.98},
            "generator": {"cores": 0.02, "busy": 0.02},
        }),
    )
}

fn predict(known: &Known, users: usize, servers: usize, pool: usize) -> f64 {
    let model = Model {
        arrivals: Arrivals::Users(users, 0.0),
        servers,
        server_cpu: known.cap,
        pool,
        patience_s: None,
        slots: known.slots,
        cores: known.cores,
        demand: known.demand,
    };
    Forecast::of(model, None, Vec::new()).simulated.ok_per_s
}

fn within_15_percent(predicted: f64, measured: f64) {
    assert!((0.85..=1.15).contains(&(predicted / measured)), "predicted {predicted}, measured {measured}");
}

#[test]
fn a_run_tells_what_a_request_needs() {
    let Known { demand, pool, patience_s, servers, cap, slots, .. } = small_pool(0.73);
    assert_eq!((pool, servers, cap, slots), (Some(3), 1, None, 37));
    // The pool waits 200 ms.
    assert!(patience_s.is_some_and(|patience_s| (0.15..0.25).contains(&patience_s)));
    // Two of three kinds of request commit, which takes 50 ms.
    let held_s = demand.database_s + demand.database_wait_s;
    assert!((0.030..0.040).contains(&held_s), "{demand:?}");
    let cap = one_server().cap.map(Cpu::cores);
    assert!(cap.is_some_and(|cores| (cores - 0.1).abs() < 1e-9));
}

#[test]
fn what_a_larger_pool_brings_was_measured() {
    // Whether or not others keep the machine busy meanwhile.
    for busy_cores in [0.73, 1.98] {
        within_15_percent(predict(&small_pool(busy_cores), 50, 1, 10), 270.5);
    }
}

#[test]
fn what_a_second_server_brings_was_measured() {
    within_15_percent(predict(&one_server(), 100, 2, 7), 1_816.0);
}

#[test]
fn a_run_that_asked_the_database_for_nothing_tells_nothing() {
    let evidence = json!({"requests": 10, "program": {"requests": 10}, "database": {"cpu_cores": 0.1}});
    assert_eq!(known(&serde_json::from_value(evidence).unwrap(), 0.0), None);
}
