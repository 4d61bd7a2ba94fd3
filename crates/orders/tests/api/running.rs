//! What `shared` does for every service, once each: whether it does so here.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use insta::assert_snapshot;
use serde_json::json;
use testkit::{PASSWORD, Postgres, Service, eventually};

use crate::{POSTGRES, PROGRAM, SCHEMA, Shop, instance, order};

#[test]
fn probes_answer_and_name_the_instance() {
    let shop = Shop::start();
    let service = instance(&shop.database, &[("INSTANCE", "app2")]);
    for path in ["/livez", "/readyz", "/health", "/metrics"] {
        let answer = service.get(path);
        assert_eq!((answer.status, answer.header("x-instance")), (200, Some("app2")), "{path}");
    }
    assert_eq!(service.get("/health").json(), json!({ "instance": "app2", "database": "ready" }));
}

#[test]
fn requests_are_counted_by_pattern_and_the_pool_has_the_size_it_was_given() {
    let shop = Shop::start();
    for path in ["/products/1", "/products/2", "/orders/0", "/products?category=toys"] {
        shop.get(path);
    }
    let metrics = String::from_utf8(shop.get("/metrics").body).unwrap();
    let mut lines: Vec<_> = metrics
        .lines()
        .filter(|line| line.starts_with("http_requests_total{") || line.contains(r#"{state="max"}"#))
        .collect();
    lines.sort_unstable();
    assert_snapshot!(lines.join("\n"), @r#"
    db_pool_connections{state="max"} 7
    http_requests_total{method="GET",route="/orders/{id}",status="404"} 1
    http_requests_total{method="GET",route="/products",status="200"} 1
    http_requests_total{method="GET",route="/products/{id}",status="200"} 2
    "#);
}

#[test]
fn no_more_connections_are_opened_than_it_may_have() {
    let shop = Shop::start();
    thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| assert_eq!(shop.get("/report").status, 200));
        }
    });
    assert_eq!(shop.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"), "7");
}

#[test]
fn a_request_that_gets_no_connection_in_time_is_a_503() {
    let database = POSTGRES.database("seeded");
    let service = instance(&database, &[("POOL_MAX_SIZE", "1"), ("POOL_TIMEOUT_MS", "50")]);
    // Opening the one connection may take longer than a request waits for it, on a busy machine.
    eventually(Duration::from_secs(10), "the connection is open", || {
        service.get("/products/7").status == 200
    });
    // That connection waits for a row that another transaction holds.
    let row = database.hold("UPDATE products SET stock = 1 WHERE id = 7");
    thread::scope(|scope| {
        let buyer = scope.spawn(|| service.post("/orders", &order(7, 1)).status);
        let waits = "SELECT FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()";
        eventually(Duration::from_secs(3), "an order waits for it", || !database.sql(waits).is_empty());
        assert_snapshot!(service.get("/products/7"), @r#"
        503
        content-type: application/problem+json
        retry-after: 1
        x-instance: orders

        {"type":"pool-timeout","title":"no database connection came free in time","status":503,"detail":"no database connection came free within 50 ms"}
        "#);
        drop(row);
        assert_eq!(buyer.join().unwrap(), 201);
    });
}

#[test]
fn an_outage_of_the_database_is_a_fast_503_and_heals_by_itself() {
    let postgres = Postgres::start(&[]);
    postgres.template("empty", &[SCHEMA]);
    let database = postgres.database("empty");
    let service = Service::start(PROGRAM, &[("DATABASE_URL", &database.url()), ("POOL_MAX_SIZE", "7")]);
    assert_eq!(service.get("/products/1").status, 404);
    postgres.crash();
    let asked = Instant::now();
    let answer = service.get("/products/1");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{answer}");
    assert!(asked.elapsed() < Duration::from_millis(1_200), "{:?}", asked.elapsed());
    postgres.restart();
    eventually(Duration::from_secs(5), "it answers", || service.get("/products/1").status == 404);
}

#[test]
fn a_stop_answers_what_is_being_worked_on() {
    let mut shop = Shop::start();
    let key = shop.database.hold("SELECT pg_advisory_xact_lock(hashtextextended('k-1', 0))");
    thread::scope(|scope| {
        let buyer = scope.spawn(|| shop.service.send(crate::keyed("k-1", &order(7, 1))).status);
        let waits = "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'";
        eventually(Duration::from_secs(3), "an order waits for it", || !shop.database.sql(waits).is_empty());
        shop.service.terminate();
        drop(key);
        assert_eq!(buyer.join().unwrap(), 201);
    });
    assert!(shop.service.wait().success());
}

#[test]
fn a_wrong_setting_is_named_in_one_line_and_shows_no_secret() {
    let output = Command::new(PROGRAM)
        .env_clear()
        .envs([("LISTEN_ADDRESS", "127.0.0.1:0"), ("DATABASE_URL", PASSWORD), ("POOL_MAX_SIZE", "7")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"orders: DATABASE_URL: expected postgres://user:password@host:port/database");
}
