//! Back to the start, without losing what the learner wrote.

use std::{fs, process::Command};

use crate::checkout::{Checkout, stderr};

impl Checkout {
    pub fn git(&self, arguments: &[&str]) {
        let identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"];
        let output =
            Command::new("git").current_dir(self.path(".")).args(identity).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", stderr(&output));
    }

    pub fn commit(&self) {
        self.git(&["init", "--quiet"]);
        self.git(&["add", "Cargo.toml", "crates", "db", "compose", "docs"]);
        self.git(&["commit", "--quiet", "--message=start"]);
    }
}

const SOURCE: &str = "crates/app/src/main.rs";

#[test]
fn code_that_is_put_back_is_kept_as_a_patch_that_applies_whatever_git_is_set_to() {
    let checkout = Checkout::new();
    checkout.commit();
    checkout.git(&["config", "color.ui", "always"]);
    checkout.git(&["config", "diff.noprefix", "true"]);
    checkout.lab(&["up", "1"]);
    checkout.lab(&["down"]);
    checkout.edit(SOURCE, "\"one\"", "\"mine\"");
    let put = checkout.json(&["reset"]);
    assert!(fs::read_to_string(checkout.path(SOURCE)).unwrap().contains("\"one\""));
    checkout.git(&["apply", put["patch"].as_str().unwrap()]);
    assert!(fs::read_to_string(checkout.path(SOURCE)).unwrap().contains("\"mine\""));
}

#[test]
fn a_reset_without_git_changes_nothing_and_says_so() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.edit(SOURCE, "\"one\"", "\"mine\"");
    let output =
        checkout.command(&["reset", "--code"]).env("GIT_CEILING_DIRECTORIES", "/tmp").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("git could not"), "{}", stderr(&output));
    assert!(fs::read_to_string(checkout.path(SOURCE)).unwrap().contains("\"mine\""));
}

#[test]
fn data_is_put_back_while_the_scenario_is_stopped_and_after_the_seed_was_edited() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.lab(&["sql", "-c", "DELETE FROM things"]);
    checkout.edit("db/seed.sql", "5000", "4000");
    checkout.json(&["reset", "--data"]);
    let things = |status: serde_json::Value| status["database"]["tables"]["things"].clone();
    assert_eq!(things(checkout.json(&["status"])), 5000, "what runs was seeded with 5000");
    assert_eq!(things(checkout.up()), 4000);
    checkout.lab(&["sql", "-c", "DELETE FROM things"]);
    checkout.lab(&["down"]);
    checkout.json(&["reset", "--data"]);
    assert_eq!(things(checkout.up()), 4000);
}

#[test]
fn a_room_that_became_a_folder_is_loaded_and_shown_and_a_reset_keeps_its_files() {
    let checkout = Checkout::new();
    checkout.commit();
    checkout.edit(SOURCE, "const WORD: &str = \"one\";", "mod word;\nuse word::text::WORD;");
    checkout.write("crates/app/src/word/mod.rs", b"pub mod text;\n");
    checkout.write("crates/app/src/word/text.rs", b"pub const WORD: &str = \"split\";\n");
    checkout.up();
    assert_eq!(checkout.word().as_deref(), Some("split"));
    checkout.json(&["load", "--duration", "1s"]);
    checkout.json(&["solution"]);
    let put = checkout.json(&["reset", "--code"]);
    let kept = std::path::Path::new(put["new_files"].as_str().unwrap()).join("crates/app/src/word/text.rs");
    assert!(fs::read_to_string(kept).unwrap().contains("split"));
    assert!(!checkout.path("crates/app/src/word/text.rs").exists());
    checkout.up();
    assert_eq!(checkout.word().as_deref(), Some("one"));
}

#[test]
fn in_a_repository_that_does_not_know_the_lab_nothing_is_called_reset() {
    let checkout = Checkout::new();
    checkout.git(&["init", "--quiet"]);
    checkout.up();
    checkout.edit(SOURCE, "\"one\"", "\"mine\"");
    let output = checkout.lab(&["reset", "--code"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("git does not know what these files were"), "{}", stderr(&output));
    assert!(fs::read_to_string(checkout.path(SOURCE)).unwrap().contains("\"mine\""));
}
