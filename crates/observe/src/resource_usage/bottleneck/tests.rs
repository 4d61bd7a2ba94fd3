//! Evidence as it was recorded in each state of the lessons, on two cores, rounded.

use serde_json::{Value, json};

use super::*;

/// The evidence of a run in which nothing was at its limit, with the fields of `but` replaced.
fn seen(but: Value) -> Bottleneck {
    let mut evidence = json!({
        "elapsed_s": 7.1, "requests": 5_000, "failed": 0.0, "latency_ms": 5.0,
        "program": {
            "servers": 1, "requests": 7_000, "in_program_ms": 4.5, "waiting_ms": 0.1, "querying_ms": 4.0, "checkouts": 1.0,
            "timeouts": 0.0, "pool": 10, "cpu_cores": 0.2, "cpu_limit_cores": 1.0, "is_capped": false,
        },
        "database": {
            "cpu_cores": 0.3, "slots": 17, "open": 10, "different": 10, "open_mean": 10.0, "busy": 0.5, "waits": [],
            "statements": [], "scan": null,
        },
        "machine": {"cores": 2.0, "busy_cores": 0.7},
        "generator": {"cores": 0.05, "busy": 0.05},
    });
    merge(&mut evidence, but);
    of(&serde_json::from_value(evidence).unwrap())
}

fn merge(into: &mut Value, from: Value) {
    match from {
        Value::Object(from) if into.is_object() => {
            from.into_iter().for_each(|(key, value)| merge(&mut into[key], value))
        }
        from => *into = from,
    }
}

#[test]
fn lesson_1_as_it_comes_runs_out_of_connections() {
    let found = seen(json!({
        "failed": 0.97, "latency_ms": 238.0,
        "program": {"in_program_ms": 175.0, "waiting_ms": 175.0, "querying_ms": 0.1, "timeouts": 0.97, "pool": null},
        "database": {"cpu_cores": 0.4, "open": 17, "different": 302, "open_mean": 14.0, "busy": 0.02},
    }));
    assert_eq!(found.kind, Kind::Connections);
    insta::assert_snapshot!(found, @"Connections ran out: each request opens one of its own (302 were seen), and PostgreSQL allows 17; 17 were open at once; on average 14.0 were open and 0.0 ran a query, the rest sat idle. 97 % of the requests got none.");
}

#[test]
fn lesson_1_with_a_pool_and_no_index_is_limited_by_postgresqls_cpu() {
    let found = seen(json!({
        "latency_ms": 182.0,
        "program": {"in_program_ms": 182.0, "waiting_ms": 164.0, "querying_ms": 18.0, "cpu_cores": 0.08},
        "database": {
            "cpu_cores": 1.8, "busy": 9.1, "statements": [{"text": "SELECT 1", "calls": 3_871, "mean_ms": 8.9, "share": 1.0}],
            "scan": {"table": "posts", "node": "Seq Scan", "index": null, "rows": 10_000},
        },
        "machine": {"busy_cores": 1.97},
    }));
    assert_eq!(found.kind, Kind::Database);
    insta::assert_snapshot!(found, @"PostgreSQL's CPU: it used 1.80 of the machine's 2 cores; the lesson's query reads the whole table posts, 10,000 rows, each time (Seq Scan).");
}

#[test]
fn lesson_1_with_an_index_is_limited_by_the_machine_or_the_thread_that_serves() {
    let waits = json!({
        "latency_ms": 13.0,
        "program": {"in_program_ms": 13.0, "waiting_ms": 11.6, "querying_ms": 1.4, "cpu_cores": 0.7},
        "database": {"cpu_cores": 0.8, "busy": 0.8},
        "machine": {"busy_cores": 1.98}, "generator": {"cores": 0.3, "busy": 0.3},
    });
    let found = seen(waits.clone());
    assert_eq!(found.kind, Kind::Machine);
    insta::assert_snapshot!(found, @"The machine's CPU: 1.98 of its 2 cores were busy: the program 0.700, PostgreSQL 0.800, the load generator 0.300, everything else 0.180.");
    // PostgreSQL uses the most CPU, and still no query waits in it.
    let mut most = waits.clone();
    merge(&mut most, json!({"program": {"cpu_cores": 0.52}, "database": {"cpu_cores": 0.9, "busy": 0.08}}));
    assert_eq!(seen(most).kind, Kind::Machine);
    // Measured in a run of 5 s, of which the machine was full for all but the beginning and the end.
    let mut short = waits.clone();
    merge(
        &mut short,
        json!({
            "latency_ms": 7.9, "program": {"in_program_ms": 6.8, "waiting_ms": 6.1, "querying_ms": 0.7, "cpu_cores": 0.68},
            "database": {"cpu_cores": 0.85, "busy": 0.2}, "machine": {"busy_cores": 1.7}, "generator": {"cores": 0.16, "busy": 0.16},
        }),
    );
    assert_eq!(seen(short).kind, Kind::Machine);
    let mut with_more_cores = waits;
    merge(
        &mut with_more_cores,
        json!({"program": {"cpu_cores": 0.97}, "machine": {"cores": 8.0, "busy_cores": 2.5}}),
    );
    let found = seen(with_more_cores);
    assert_eq!(found.kind, Kind::Program);
    insta::assert_snapshot!(found, @"The program's CPU: it used 0.970 cores, and has threads for 1.00, and requests wait for connections because their holders wait for that CPU.");
}

#[test]
fn lesson_3_as_it_comes_waits_for_three_connections_that_wait_for_the_disk() {
    let starter = json!({
        "failed": 0.67, "latency_ms": 209.0,
        "program": {"in_program_ms": 207.0, "waiting_ms": 194.0, "querying_ms": 12.0, "timeouts": 0.67, "pool": 3, "cpu_cores": 0.03},
        "database": {
            "cpu_cores": 0.098, "slots": 37, "open": 4, "different": 4, "open_mean": 3.0, "busy": 2.8,
            "waits": [["LWLock WALWrite", 1.7], ["IO WALSync", 0.1]],
        },
    });
    let found = seen(starter.clone());
    assert_eq!(found.kind, Kind::Pool);
    insta::assert_snapshot!(found, @"The pool of connections: 67 % of the requests gave up waiting for one of 3 connections, and 2.8 of them were waiting in the database, most for the disk, at commit, while PostgreSQL computed for 0.098 cores.");
    // The same while other programs keep the machine busy.
    let mut busy = starter;
    merge(&mut busy, json!({"machine": {"busy_cores": 1.98}}));
    assert_eq!(seen(busy).kind, Kind::Pool);
}

#[test]
fn lesson_3_with_a_larger_pool_still_waits_for_it_and_nothing_fails() {
    let found = seen(json!({
        "latency_ms": 191.0,
        "program": {"in_program_ms": 189.0, "waiting_ms": 151.0, "querying_ms": 38.0, "cpu_cores": 0.04},
        "database": {
            "cpu_cores": 0.23, "slots": 37, "open": 11, "open_mean": 10.3, "busy": 9.3, "waits": [["LWLock WALWrite", 7.9]],
        },
    }));
    assert_eq!(found.kind, Kind::Pool);
    insta::assert_snapshot!(found, @"The pool of connections: a request waits 151 ms of its 191 ms for one of 10 connections, and 9.3 of them were waiting in the database, most for the disk, at commit, while PostgreSQL computed for 0.230 cores.");
}

#[test]
fn lesson_3_with_a_pool_that_is_too_large_runs_out_of_connections() {
    let found = seen(json!({
        "failed": 0.2,
        "program": {"timeouts": 0.2, "pool": 500},
        "database": {"slots": 37, "open": 36, "different": 40, "open_mean": 36.0, "busy": 30.0},
    }));
    assert_eq!(found.kind, Kind::Connections);
    insta::assert_snapshot!(found, @"Connections ran out: PostgreSQL allows 37; 36 were open at once, and on average 30.0 ran a query. 20 % of the requests got none.");
}

#[test]
fn lesson_4_with_one_server_and_with_two_is_limited_by_their_caps() {
    let one = seen(json!({
        "latency_ms": 128.0,
        "program": {
            "in_program_ms": 117.0, "waiting_ms": 104.0, "querying_ms": 12.0, "cpu_cores": 0.099, "cpu_limit_cores": 0.1,
            "is_capped": true,
        },
    }));
    assert_eq!(one.kind, Kind::Program);
    insta::assert_snapshot!(one, @"The program's CPU: it used 0.099 of the 0.100 cores that it may use, and requests wait for connections because their holders wait for that CPU.");
    let two = seen(json!({
        "latency_ms": 60.0,
        "program": {"servers": 2, "in_program_ms": 20.0, "cpu_cores": 0.194, "cpu_limit_cores": 0.2, "is_capped": true},
    }));
    insta::assert_snapshot!(two, @"The program's CPU: its 2 servers used 0.194 of the 0.200 cores that they may use together, and a request waits 40 ms of its 60 ms before the program takes it.");
}

#[test]
fn a_cap_that_stops_the_program_is_the_bottleneck_however_full_its_pool_is() {
    let capped = |throttled| {
        seen(json!({
            "latency_ms": 900.0,
            "program": {
                "in_program_ms": 850.0, "waiting_ms": 700.0, "querying_ms": 100.0, "cpu_cores": 0.08, "cpu_limit_cores": 0.1,
                "is_capped": true, "throttled": throttled,
            },
        }))
    };
    assert_eq!(capped(0.97).kind, Kind::Program);
    insta::assert_snapshot!(capped(0.97), @"The program's CPU: it used 0.080 of the 0.100 cores that it may use; its CPU cap (cgroup) stopped it in 97 % of the periods in which it ran, and requests wait for connections because their holders wait for that CPU.");
    assert_eq!(capped(0.49).kind, Kind::Pool);
}

#[test]
fn lesson_4s_report_is_limited_by_postgresqls_cpu_however_few_ask_for_it() {
    let found = seen(json!({
        "latency_ms": 595.0,
        "program": {"in_program_ms": 579.0, "querying_ms": 579.0, "cpu_cores": 0.003, "cpu_limit_cores": 0.1, "is_capped": true},
        "database": {
            "cpu_cores": 1.25, "busy": 3.9, "waits": [["IPC BgWorkerShutdown", 0.2]],
            "statements": [{"text": "SELECT products.category,\n  sum(orders.quantity)", "calls": 49, "mean_ms": 587.0, "share": 0.998}],
            "scan": {"table": "products", "node": "Index Scan", "index": "products_category_name", "rows": 101},
        },
        "machine": {"busy_cores": 1.99},
    }));
    assert_eq!(found.kind, Kind::Database);
    insta::assert_snapshot!(found, @"PostgreSQL's CPU: it used 1.25 of the machine's 2 cores (other programs used 0.687); 100 % of its time went into: SELECT products.category, sum(orders.quantity) (587 ms each).");
}

#[test]
fn rows_that_others_have_locked_are_named() {
    let found =
        seen(json!({"database": {"busy": 8.0, "waits": [["Lock transactionid", 5.0], ["Lock tuple", 2.0]]}}));
    assert_eq!(found.kind, Kind::Locks);
    insta::assert_snapshot!(found, @"Locks: of 8.0 active connections, 7.0 waited for a lock.");
}

#[test]
fn a_transaction_that_was_open_for_long_is_named() {
    let old = json!([{
        "pid": 7, "age_s": 12.3, "user": "jobs", "application": "psql", "state": "idle in transaction",
        "statement": "UPDATE jobs SET attempts = 0",
    }]);
    let found = seen(json!({
        "database": {"busy": 8.0, "waits": [["Lock transactionid", 7.0]], "old_transactions": old},
    }));
    assert_eq!(found.kind, Kind::Locks);
    insta::assert_snapshot!(found, @"Locks: of 8.0 active connections, 7.0 waited for a lock. During the load there was a transaction of the user jobs (psql), open for 12 s, idle in transaction, last statement: UPDATE jobs SET attempts = 0. Others wait for the locks that it holds.");
    let nameless = json!([{
        "pid": 7, "age_s": 12.3, "user": "jobs", "application": "", "state": "active",
        "statement": "SELECT pg_sleep(60)",
    }]);
    let found = seen(json!({"database": {"old_transactions": nameless}}));
    insta::assert_snapshot!(found, @"Nothing was at its limit. A request takes as long as its work does, 5.0 ms; most of it in the database (4.0 ms). During the load there was a transaction of the user jobs (a client without a name), open for 12 s, active, last statement: SELECT pg_sleep(60). Others wait for the locks that it holds.");
}

#[test]
fn connections_that_the_program_holds_for_nothing_are_the_pool() {
    let found = seen(json!({
        "latency_ms": 500.0, "program": {"in_program_ms": 500.0, "waiting_ms": 400.0, "querying_ms": 0.5},
    }));
    assert_eq!(found.kind, Kind::Pool);
    insta::assert_snapshot!(found, @"The pool of connections: a request waits 400 ms of its 500 ms for one of 10 connections, and only 0.5 of them ran a query, and the rest sat idle.");
}

#[test]
fn a_load_that_is_smaller_than_what_can_be_served_has_no_bottleneck() {
    let found = seen(json!({}));
    assert_eq!(found.kind, Kind::Nothing);
    insta::assert_snapshot!(found, @"Nothing was at its limit. A request takes as long as its work does, 5.0 ms; most of it in the database (4.0 ms).");
}

#[test]
fn a_limit_is_one_from_its_share_on() {
    let cpu = |cores: f64| seen(json!({"program": {"cpu_cores": cores}})).kind;
    assert_eq!((cpu(USED_UP), cpu(USED_UP - 0.01)), (Kind::Program, Kind::Nothing));
    let refused = |share: f64| seen(json!({"program": {"timeouts": share, "pool": null}})).kind;
    assert_eq!((refused(MANY), refused(MANY - 0.001)), (Kind::Connections, Kind::Nothing));
}

#[test]
fn what_tells_nothing_of_itself_has_no_known_bottleneck() {
    assert_eq!(seen(json!({"program": null})).kind, Kind::Unknown);
    assert_eq!(seen(json!({"requests": 0})).kind, Kind::Unknown);
    assert_eq!(seen(json!({"database": null, "machine": {"busy_cores": 1.9}})).kind, Kind::Machine);
}
