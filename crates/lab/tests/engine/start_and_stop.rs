//! `up`, `status`, `down`.

use std::{fs, net::TcpListener};

use crate::checkout::{Checkout, stderr};

#[test]
fn up_is_ready_and_down_leaves_nothing() {
    let checkout = Checkout::new();
    let status = checkout.up();
    assert_eq!(checkout.word().as_deref(), Some("one"));
    assert_eq!(status["services"][0]["name"], "db");
    assert_eq!(status["services"][1]["state"], "ready");
    assert_eq!(status["database"]["tables"]["things"], 5000);
    assert_eq!(checkout.json(&["down"])["stopped"][0], 1);
    checkout.assert_nothing_is_left();
    // A second time there is nothing to do, and that is no error.
    assert_eq!(checkout.json(&["down"])["stopped"], serde_json::json!([]));
}

#[test]
fn what_runs_already_is_left_alone_and_what_changed_is_restarted() {
    let checkout = Checkout::new();
    let pids = |status: serde_json::Value| [0, 1].map(|n| status["services"][n]["pid"].as_u64().unwrap());
    let first = pids(checkout.up());
    assert_eq!(pids(checkout.up()), first);
    checkout.edit("compose/scenario-1.yml", "max_connections=20", "max_connections=21");
    let second = pids(checkout.up());
    assert_ne!(second[0], first[0]);
    assert_eq!(second[1], first[1]);
}

#[test]
fn a_taken_port_is_named_and_the_next_free_one_is_used() {
    let mut checkout = Checkout::new();
    let _taken = TcpListener::bind(("127.0.0.1", checkout.app_port)).unwrap();
    let output = checkout.lab(&["up", "1"]);
    assert!(output.status.success());
    let said = stderr(&output);
    assert!(said.contains(&format!("port {} is taken by `", checkout.app_port)), "{said}");
    assert!(said.contains(&format!("(process {})", std::process::id())), "{said}");
    checkout.app_port += 1;
    assert_eq!(checkout.word().as_deref(), Some("one"));
}

#[test]
fn two_scenarios_run_side_by_side() {
    let checkout = Checkout::new();
    checkout.up();
    let second = checkout.json(&["up", "2"]);
    assert_eq!(second["database"]["tables"]["things"], 5000);
    assert_eq!(checkout.word().as_deref(), Some("one"));
    let mut stopped = checkout.json(&["down", "--all"]);
    assert_eq!(stopped["stopped"].take(), serde_json::json!([1, 2]));
    checkout.assert_nothing_is_left();
}

#[test]
fn a_typo_in_the_compose_file_names_line_and_key_and_stops_nothing() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.edit(
        "compose/scenario-1.yml",
        "    ports: [\"127.0.0.1:${APP_PORT}",
        "    port: [\"127.0.0.1:${APP_PORT}",
    );
    let output = checkout.lab(&["up", "1"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("scenario-1.yml") && said.contains("`port`") && said.contains("line 20"), "{said}");
    assert_eq!(checkout.word().as_deref(), Some("one"));
}

#[test]
fn a_folder_that_cannot_be_written_is_one_line_and_exit_2() {
    let checkout = Checkout::new();
    fs::write(checkout.path("file"), "").unwrap();
    let output = checkout.command(&["up", "1"]).env("LAB_DIR", checkout.path("file/lab")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.starts_with("lab: cannot create") && said.lines().count() == 1, "{said}");
    checkout.assert_nothing_is_left();
}

#[test]
fn commands_that_need_a_running_scenario_say_how_to_start_it() {
    let checkout = Checkout::new();
    let output = checkout.lab(&["status"]);
    assert!(stderr(&output).contains("make scenario-1"), "{}", stderr(&output));
    checkout.up();
    checkout.lab(&["down"]);
    for command in ["status", "load", "explain", "apply-fix", "sql"] {
        let output = checkout.lab(&[command]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(stderr(&output).contains("make scenario-1"), "{command}: {}", stderr(&output));
    }
}

#[test]
fn variables_beside_the_compose_file_are_read_as_docker_compose_reads_them() {
    let checkout = Checkout::new();
    let ends = "APP_ENDS: \"${APP_ENDS:-no}\"";
    let more = "A: '${POOL:-1}', B: '${QUOTED}', C: '${BOTH}', D: '${NEITHER-none}', E: '${EMPTY-set}'";
    checkout.edit("compose/scenario-1.yml", ends, &format!("{ends}, {more}"));
    let dotenv =
        "# of this checkout\r\nPOOL=7\r\nexport QUOTED=\"a #b\"  # a comment\r\nBOTH=file\r\nEMPTY=\r\n";
    checkout.write("compose/.env", dotenv.as_bytes());
    let output = checkout.command(&["up", "1"]).env("BOTH", "shell").output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let spec = fs::read(checkout.path(".lab/scenario-1/spec.json")).unwrap();
    let spec: serde_json::Value = serde_json::from_slice(&spec).unwrap();
    let services = spec["services"].as_array().unwrap();
    let app = services.iter().find(|service| service["name"] == "app").unwrap();
    let values = ["A", "B", "C", "D", "E"].map(|name| app["kind"]["environment"][name].clone());
    assert_eq!(values, ["7", "a #b", "shell", "none", ""]);
    checkout.write("compose/.env", b"POOL 7\n");
    let refused = checkout.lab(&["up", "1"]);
    assert!(stderr(&refused).contains("compose/.env cannot be used"), "{}", stderr(&refused));
}
