//! A scenario is data: one more, number 99, is added to a copy of this project, and every command knows it. Nothing else is
//! changed. `LAB_ENGINE=compose` runs the test in containers.

use std::{fs, path::Path, process::Command};

use crate::{checkout::Checkout, page::Page};

/// What the fixture calls the first of its scenarios, and what it is called here.
const RENAMED: [(&str, &str); 4] = [
    ("compose/scenario-1.yml", "compose/scenario-99.yml"),
    ("docs/scenario-1", "docs/scenario-99"),
    ("crates/app", "crates/app"),
    ("db", "db/app"),
];

/// The lesson's text: the page reads it.
const LESSON: &str =
    "# Scenario 99: A further one\n\n## Step 1: Break it\n\n| | Value |\n|---|---|\n| Success rate | |\n";

/// A copy of this project, as git knows it, with the fixture's scenario as number 99.
fn project_with_scenario_99() -> Checkout {
    let fixture = Checkout::new();
    let project = Checkout::empty();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = Command::new("git").args(list).current_dir(&root).output().unwrap();
    for file in String::from_utf8(listed.stdout).unwrap().split_terminator('\0') {
        // A file may be deleted and not committed yet.
        if let Ok(content) = fs::read(root.join(file)) {
            project.write(file, &content);
        }
    }
    for (from, to) in RENAMED {
        project.add(&fixture.path(from), to);
    }
    project.write("docs/scenario-99/SCENARIO.md", LESSON.as_bytes());
    let compose = |from: &str, to: &str| project.edit("compose/scenario-99.yml", from, to);
    compose("../db/", "../db/app/");
    // What a container needs and a process does not.
    compose(
        "    volumes:\n",
        "    volumes:\n      - ../db/create.sh:/docker-entrypoint-initdb.d/create.sh:ro\n",
    );
    compose("context: ..\n", "context: ..\n      dockerfile: compose/images/service.Dockerfile\n");
    project.edit("docs/scenario-99/lesson.toml", "db/fix.sql", "db/app/fix.sql");
    project.write_starter(99, &[]);
    // Adds the new crate to Cargo.lock, since images are built with --locked.
    let locked = Command::new("cargo")
        .args(["update", "--workspace", "--offline", "--quiet"])
        .current_dir(project.path("."))
        .status()
        .unwrap();
    assert!(locked.success());
    project.git(&["init", "--quiet"]);
    project.git(&["add", "--all"]);
    project.git(&["commit", "--quiet", "--message=start"]);
    project
}

#[test]
fn a_further_scenario_is_started_loaded_checked_shown_and_proved_without_a_change_of_the_lab() {
    let project = project_with_scenario_99();
    let up = project.json(&["up", "99"]);
    let page = Page::of(&up);
    assert!(project.word().is_some());

    let load = project.load(&["--duration", "2s"]);
    assert_eq!(load["success_rate"], 1.0, "{load:#}");

    let check = project.command(&["check", "--json"]).output().unwrap();
    assert_eq!(check.status.code(), Some(1));
    let check: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let missed = check["goals"].as_array().unwrap().iter().find(|goal| goal["verdict"] == "FAIL").unwrap();
    assert_eq!(missed["id"], "things-are-found-by-an-index", "{check:#}");

    let lesson = page.ask("GET", "/", &[("Cookie", &page.cookie())], "");
    assert!(String::from_utf8_lossy(&lesson.body).contains("A further one"), "{lesson}");
    project.json(&["down"]);

    let validated = project.json(&["validate", "99"]);
    let states = validated["states"].as_array().unwrap();
    let ids: Vec<_> = states.iter().map(|state| state["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["starter", "another-column", "no-answers", "solution", "reset"]);
    assert!(states.iter().all(|state| state["runs"][0]["surprise"].is_null()), "{validated:#}");
}
