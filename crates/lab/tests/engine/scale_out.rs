//! From one server to two behind nginx, by an edit of the compose file.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::checkout::{Checkout, quiet, signal, stderr, within};

/// One server becomes two, nginx and a worker that listens nowhere.
fn scale_out(checkout: &Checkout) -> Value {
    fs::copy(checkout.path("compose/scaled.yml"), checkout.path("compose/scenario-1.yml")).unwrap();
    checkout.up()
}

/// The process of a service.
fn pid(status: &Value, name: &str) -> u64 {
    let services = status["services"].as_array().unwrap();
    services.iter().find(|service| service["name"] == name).unwrap()["pid"].as_u64().unwrap()
}

/// `lab load` for three seconds, under way.
fn load(checkout: &Checkout) -> Child {
    let mut command = checkout.command(&["load", "--duration", "3s", "--json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

fn report(load: Child) -> Value {
    serde_json::from_slice(&load.wait_with_output().unwrap().stdout).unwrap()
}

/// Not one request failed, of many.
fn assert_all_served(report: &Value) {
    assert_eq!(report["success_rate"], 1.0, "{report:#}");
    assert!(report["ok"].as_u64().unwrap() > 500, "{report:#}");
}

#[test]
fn a_server_and_nginx_are_added_while_the_first_serves_on_and_the_data_stay() {
    let checkout = Checkout::new();
    let before = checkout.up();
    checkout.lab(&["sql", "-c", "INSERT INTO things VALUES (0, 'mine')"]);
    let after = scale_out(&checkout);
    for kept in ["db", "app"] {
        assert_eq!(pid(&after, kept), pid(&before, kept), "{kept}");
    }
    assert_eq!(after["database"]["tables"]["things"], 5001);
    assert_eq!(checkout.get(checkout.nginx_port(), "/").as_deref(), Some("one"));
    let worker = after["services"].as_array().unwrap().iter().find(|service| service["name"] == "worker");
    assert_eq!(worker.unwrap()["url"], Value::Null);
    let targets = fs::read_to_string(checkout.path(".lab/targets/scenario-1.json")).unwrap();
    assert_eq!(targets.matches("127.0.0.1:").count(), 2, "{targets}");
    checkout.lab(&["down"]);
    checkout.assert_nothing_is_left();
    assert!(!checkout.path(".lab/targets/scenario-1.json").exists());
}

#[test]
fn a_load_test_goes_through_nginx_and_says_who_served() {
    let checkout = Checkout::new();
    scale_out(&checkout);
    let report = checkout.load(&[]);
    let served = ["app", "app2"].map(|name| report["served"][name].as_f64().unwrap());
    assert!(served[0] > 100.0 && (served[0] / served[1] - 1.0).abs() < 0.05, "{served:?}");
}

#[test]
fn a_rolling_restart_under_load_replaces_every_server_and_fails_no_request() {
    let checkout = Checkout::new();
    let before = scale_out(&checkout);
    let load = load(&checkout);
    let restarted = checkout.json(&["restart", "--rolling"]);
    assert_eq!(restarted["restarted"], serde_json::json!(["app", "app2", "worker"]));
    checkout.json(&["restart", "--rolling"]);
    let report = report(load);
    assert_all_served(&report);
    // It was not one program that was measured.
    assert_eq!(report["valid"], false);
    let after = checkout.json(&["status"]);
    for (name, is_new) in [("app", true), ("app2", true), ("nginx", false), ("db", false)] {
        assert_eq!(pid(&after, name) != pid(&before, name), is_new, "{name}");
    }
}

#[test]
fn a_rolling_restart_needs_somebody_who_serves_meanwhile() {
    let checkout = Checkout::new();
    checkout.up();
    let output = checkout.lab(&["restart", "--rolling"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("needs an nginx in front of two servers"), "{}", stderr(&output));
    checkout.json(&["restart"]);
    assert_eq!(checkout.word().as_deref(), Some("one"));
}

#[test]
fn a_killed_server_fails_no_request_and_comes_back() {
    let checkout = Checkout::new();
    let before = scale_out(&checkout);
    let load = load(&checkout);
    let counted = || checkout.get(checkout.app2_port(), "/metrics").unwrap();
    let idle = counted();
    within(Duration::from_secs(3), "the load is under way", || counted() != idle);
    signal("KILL", pid(&before, "app2"));
    assert_all_served(&report(load));
    let after = checkout.json(&["status"]);
    assert_ne!(pid(&after, "app2"), pid(&before, "app2"));
}

#[test]
fn a_browser_that_is_silent_and_a_server_that_hangs_hold_up_no_rolling_restart() {
    let checkout = Checkout::new();
    let before = scale_out(&checkout);
    let _silent = TcpStream::connect(("127.0.0.1", checkout.nginx_port())).unwrap();
    signal("STOP", pid(&before, "app2"));
    checkout.json(&["restart", "--rolling"]);
    let after = checkout.json(&["status"]);
    for name in ["app", "app2"] {
        assert_ne!(pid(&after, name), pid(&before, name), "{name}");
    }
    assert_eq!(checkout.get(checkout.nginx_port(), "/").as_deref(), Some("one"));
}

#[test]
fn a_killed_nginx_is_started_again_on_the_same_port() {
    let checkout = Checkout::new();
    let before = scale_out(&checkout);
    signal("KILL", pid(&before, "nginx"));
    within(Duration::from_secs(5), "another nginx answers", || {
        let now = checkout.json(&["status"]);
        let nginx = now["services"].as_array().unwrap().iter().find(|service| service["name"] == "nginx");
        let nginx = nginx.unwrap();
        nginx["state"] == "ready" && nginx["pid"] != pid(&before, "nginx")
    });
    assert_eq!(checkout.get(checkout.nginx_port(), "/").as_deref(), Some("one"));
    checkout.lab(&["down"]);
    checkout.assert_nothing_is_left();
}

#[test]
fn a_configuration_that_nginx_refuses_is_quoted_with_its_line_and_changes_nothing() {
    let checkout = Checkout::new();
    let before = scale_out(&checkout);
    checkout.edit("compose/nginx.conf", "keepalive 16", "keepalife 16");
    let output = checkout.lab(&["up", "1"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("unknown directive \"keepalife\"") && said.contains("nginx.conf:6"), "{said}");
    checkout.edit("compose/nginx.conf", "keepalife 16", "server app3:3000");
    let said = stderr(&checkout.lab(&["up", "1"]));
    assert!(said.contains("host not found in upstream \"app3:3000\""), "{said}");
    assert_eq!(checkout.get(checkout.nginx_port(), "/").as_deref(), Some("one"));
    // And once it is right, nginx takes it over and serves on.
    checkout.edit("compose/nginx.conf", "server app3:3000", "keepalive 32");
    assert_eq!(pid(&checkout.up(), "nginx"), pid(&before, "nginx"));
    let running = fs::read_to_string(checkout.path(".lab/scenario-1/nginx/nginx.conf")).unwrap();
    assert!(running.contains("keepalive 32"), "{running}");
}

#[test]
fn an_nginx_of_a_container_serves_and_logs_here_as_there() {
    let checkout = Checkout::new();
    checkout.edit(
        "compose/nginx.conf",
        "http {",
        "http {\n    include mime.types;\n    resolver 127.0.0.11;",
    );
    checkout.edit(
        "compose/nginx.conf",
        "        location / {",
        "        set $up \"http://App2:3000\";\n        \
        location /quiet { access_log off; proxy_pass $up; }\n        location / {",
    );
    scale_out(&checkout);
    for path in ["/quiet", "/loud"] {
        assert_eq!(checkout.get(checkout.nginx_port(), path).as_deref(), Some("one"));
    }
    let log = || fs::read_to_string(checkout.path(".lab/scenario-1/log/nginx.log")).unwrap();
    within(Duration::from_secs(5), "nginx logs", || log().contains("GET /loud"));
    assert!(!log().contains("GET /quiet"), "{}", log());
    checkout.edit("compose/nginx.conf", "$up \"http://App2:3000\"", "$up app2");
    checkout.edit("compose/nginx.conf", "proxy_pass $up", "proxy_pass http://$up:3000");
    let said = stderr(&checkout.lab(&["up", "1"]));
    assert!(said.contains("nginx.conf: line 13: `proxy_pass http://$up:3000` needs"), "{said}");
    assert_eq!(checkout.get(checkout.nginx_port(), "/").as_deref(), Some("one"));
}

#[test]
fn a_server_that_hangs_while_it_starts_delays_only_what_depends_on_it() {
    let checkout = Checkout::new();
    fs::copy(checkout.path("compose/scaled.yml"), checkout.path("compose/scenario-1.yml")).unwrap();
    let mut up = quiet(checkout.command(&["up", "1"]).env("APP_ENDS", "hangs"));
    let answers = |port| checkout.get(port, "/").is_some();
    within(Duration::from_secs(60), "the other server answers", || answers(checkout.app2_port()));
    let is_waiting = up.try_wait().unwrap().is_none();
    assert!(is_waiting && !answers(checkout.nginx_port()), "the lab gives the first server 10 s");
    assert_eq!(up.wait().unwrap().code(), Some(2), "the first server did not start");
}

#[test]
fn what_nginx_answers_itself_is_a_problem_too() {
    let checkout = Checkout::new();
    checkout.edit("compose/nginx.conf", "server app:3000", "server 127.0.0.1:9");
    checkout.edit("compose/nginx.conf", "server app2:3000", "server 127.0.0.1:10");
    // As in the lessons: a request with a key goes another way, and then finds no server either.
    let keyed = "location / { error_page 418 = @keyed; if ($http_idempotency_key) { return 418; }";
    checkout.edit(
        "compose/nginx.conf",
        "location / {",
        &format!("location @keyed {{ proxy_pass http://app; }} {keyed}"),
    );
    scale_out(&checkout);
    let long = "a".repeat(9_000);
    let requests = [
        ("POST / HTTP/1.1", "Content-Length: 2000000", 413, "too-large"),
        ("GET / HTTP/1.1", &format!("Cookie: {long}"), 431, "too-large"),
        (&format!("GET /?{long} HTTP/1.1"), "Accept: */*", 414, "too-large"),
        ("BAD", "Accept: */*", 400, "invalid-input"),
        ("TRACE / HTTP/1.1", "Accept: */*", 405, "method-not-allowed"),
        ("GET / HTTP/1.1", "Accept: */*", 502, "dependency-unavailable"),
        ("GET / HTTP/1.1", "Idempotency-Key: k", 502, "dependency-unavailable"),
    ];
    for (line, header, status, kind) in requests {
        let mut nginx = TcpStream::connect(("127.0.0.1", checkout.nginx_port())).unwrap();
        write!(nginx, "{line}\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n\r\n").unwrap();
        let mut answer = String::new();
        nginx.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains("Content-Type: application/problem+json\r\n"), "{answer}");
        assert_eq!(answer.contains("Retry-After: 1\r\n"), status == 502, "{answer}");
        let problem: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!((&problem["status"], &problem["type"]), (&Value::from(status), &Value::from(kind)));
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
    }
}
