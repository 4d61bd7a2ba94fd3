//! Every port of a scenario: which ones there are, and what they answer without a password.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{as_another, open_in, two_users};
use crate::{
    checkout::Checkout,
    watched::{port, watched},
};

/// The rows of `file` in `/proc/net` that are about a socket of this checkout; in `column` is its number.
///
/// Source: Linux manual, "proc_pid_net(5)".
fn sockets(checkout: &Checkout, file: &str, column: usize) -> Vec<Vec<String>> {
    let ours: BTreeSet<_> = checkout.process_dirs().iter().flat_map(|process| open_in(process)).collect();
    let table = fs::read_to_string(Path::new("/proc/net").join(file)).unwrap_or_default();
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    rows.filter(|row| ours.contains(Path::new(&format!("socket:[{}]", row[column])))).collect()
}

/// The local addresses of those sockets of a protocol that are in `state`, as Linux writes both.
fn addresses(checkout: &Checkout, protocol: &str, state: &str) -> BTreeSet<String> {
    let rows = sockets(checkout, protocol, 9).into_iter().filter(|row| row[3] == state);
    rows.map(|row| row[1].clone()).collect()
}

/// The status of each answer that another user gets from `urls`, by `curl` with `arguments`.
pub fn statuses(arguments: &[&str], urls: &[String]) -> Vec<String> {
    let mut all = vec!["--silent", "--max-time", "5", "--path-as-is", "--write-out", "%{http_code}\n"];
    all.extend(arguments);
    all.extend(urls.iter().flat_map(|url| ["--output", "/dev/null", url]));
    String::from_utf8(as_another("curl", all).stdout).unwrap().lines().map(str::to_owned).collect()
}

/// What PostgreSQL answers to another user without a password, on all ways in.
fn refused_by_postgres(port: u16) {
    for role in ["postgres", "app", "nobody"] {
        for database in ["dbname=postgres", "dbname=template1", "dbname=app", "replication=true"] {
            let address = format!("host=127.0.0.1 port={port} user={role} {database}");
            let output =
                as_another("psql", ["--no-password", "--no-psqlrc", "--command", "SELECT 1", &address]);
            let refusal = String::from_utf8_lossy(&output.stderr);
            assert!(refusal.contains("no password supplied"), "{address}: {refusal}");
        }
    }
}

#[test]
fn another_user_gets_nothing_without_a_password_from_any_port_but_those_of_the_services() {
    if !two_users() {
        return;
    }
    let Some(checkout) = watched() else { return };
    let scaled = fs::read_to_string(checkout.path("compose/scaled.yml")).unwrap();
    // Its worker listens on a port that it does not name.
    let (servers, _worker) = scaled.split_once("  worker:").unwrap();
    fs::write(checkout.path("compose/scenario-1.yml"), servers).unwrap();
    checkout.up();
    let up = checkout.json(&["status"]);
    let names = up["services"].as_array().unwrap().iter().map(|service| service["name"].as_str().unwrap());
    let ports: BTreeMap<_, _> = names.map(|name| (port(&up, name), name)).collect();
    assert_eq!(ports.len(), 6, "{up:#}");

    // Nothing listens that the status does not name, and nothing on another address. 0A: it listens. 07: it is open.
    let named = ports.keys().map(|port| format!("0100007F:{port:04X}")).collect();
    assert_eq!(addresses(&checkout, "tcp", "0A"), named);
    for (file, state) in [("tcp6", "0A"), ("udp", "07"), ("udp6", "07"), ("raw", "07"), ("raw6", "07")] {
        assert_eq!(addresses(&checkout, file, state), BTreeSet::new(), "{file}");
    }

    for (port, name) in ports {
        let status = || statuses(&[], &[format!("http://127.0.0.1:{port}/")]);
        match name {
            // These are what the lessons are about: no login, on purpose.
            "app" | "app2" | "nginx" => assert_eq!(status(), ["200"], "{name}"),
            "db" => refused_by_postgres(port),
            "prometheus" => assert_eq!(status(), ["401"]),
            "dashboard" => assert_eq!(status(), ["403"]),
            other => panic!(
                "a port of {other}: SECURITY.md has to say who may use it, and this test has to try it"
            ),
        }
    }
}

#[test]
fn another_user_finds_no_socket_file_of_the_lab() {
    if !two_users() {
        return;
    }
    let Some(checkout) = watched() else { return };
    checkout.up();
    // The number of a socket is followed by its name, if it has one.
    let named: Vec<_> = sockets(&checkout, "unix", 6).into_iter().filter(|row| row.len() > 7).collect();
    assert_eq!(named, Vec::<Vec<String>>::new());
}
