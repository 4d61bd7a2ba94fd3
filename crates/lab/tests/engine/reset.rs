//! Back to the start, without losing what the learner wrote.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

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

/// Without git, and for git in this folder too: a learner may have no git at all.
fn without_git(checkout: &Checkout, arguments: &[&str]) -> Output {
    let parent = checkout.path("").parent().unwrap().to_owned();
    checkout.command(arguments).env("GIT_CEILING_DIRECTORIES", parent).output().unwrap()
}

impl Checkout {
    /// Whose program the last load test ran.
    fn loaded(&self) -> String {
        self.load(&["--duration", "1s"]);
        String::from_utf8(self.lab(&["results"]).stdout).unwrap()
    }

    fn is_as_it_came(&self) -> bool {
        fs::read_to_string(self.path(SOURCE)).unwrap().contains("\"one\"")
    }
}

#[test]
fn without_git_an_edited_file_is_called_so_and_put_back_and_kept() {
    let checkout = Checkout::new();
    checkout.up();
    assert!(checkout.loaded().contains("starter"));
    checkout.edit(SOURCE, "\"one\"", "\"mine\"");
    checkout.up();
    let results = checkout.loaded();
    assert!(results.contains("yours: main.rs"), "{results}");
    let output = without_git(&checkout, &["reset", "--code", "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(checkout.is_as_it_came());
    let put: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(put["code"], serde_json::json!([SOURCE]));
    let kept = Path::new(put["kept"].as_str().unwrap()).join(SOURCE);
    assert!(fs::read_to_string(kept).unwrap().contains("\"mine\""));
    let again = without_git(&checkout, &["reset", "--code"]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("no file was changed"));
}

#[test]
fn a_file_that_was_removed_is_put_back_and_nothing_is_said_to_be_kept() {
    let checkout = Checkout::new();
    checkout.up();
    fs::remove_file(checkout.path(SOURCE)).unwrap();
    let put = checkout.json(&["reset", "--code"]);
    assert!(checkout.is_as_it_came());
    assert_eq!((&put["code"], &put["kept"]), (&serde_json::json!([SOURCE]), &serde_json::Value::Null));
}

#[test]
fn a_fix_that_was_committed_is_called_the_learners_and_put_back() {
    let checkout = Checkout::new();
    checkout.commit();
    checkout.edit(SOURCE, "\"one\"", "\"mine\"");
    checkout.git(&["commit", "--quiet", "--all", "--message=fix"]);
    // The lab has no copy: the fix is older than the first start.
    checkout.up();
    let results = checkout.loaded();
    assert!(results.contains("yours: main.rs"), "{results}");
    checkout.json(&["reset", "--code"]);
    assert!(checkout.is_as_it_came());
}

#[test]
fn in_a_repository_that_does_not_know_the_lab_the_start_is_put_back_and_a_copy_is_refused() {
    let checkout = Checkout::new();
    checkout.git(&["init", "--quiet"]);
    checkout.up();
    checkout.edit(SOURCE, "\"one\"", "\"mine\"");
    checkout.json(&["reset", "--code"]);
    assert!(checkout.is_as_it_came());
    let output = checkout.lab(&["validate", "1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("git does not know the files"), "{}", stderr(&output));
}

#[test]
fn in_a_clone_of_another_owner_the_start_is_put_back() {
    let checkout = Checkout::new();
    checkout.commit();
    checkout.up();
    checkout.edit(SOURCE, "\"one\"", "\"mine\"");
    // What makes git take a clone for that of another owner, wherever this test runs.
    let output =
        checkout.command(&["reset", "--code"]).env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(checkout.is_as_it_came());
}

#[test]
fn what_was_edited_before_the_first_start_and_is_not_in_git_stays_and_is_named() {
    let checkout = Checkout::new();
    checkout.edit(SOURCE, "\"one\"", "\"mine\"");
    checkout.up();
    let output = without_git(&checkout, &["reset", "--code"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("neither the lab nor git has crates/app/src/main.rs as it came"));
    assert!(!checkout.is_as_it_came());
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
    checkout.load(&["--duration", "1s"]);
    checkout.json(&["solution"]);
    let put = checkout.json(&["reset", "--code"]);
    let kept = Path::new(put["kept"].as_str().unwrap()).join("crates/app/src/word/text.rs");
    assert!(fs::read_to_string(kept).unwrap().contains("split"));
    assert!(!checkout.path("crates/app/src/word/text.rs").exists());
    checkout.up();
    assert_eq!(checkout.word().as_deref(), Some("one"));
}

#[test]
fn a_room_that_is_a_folder_now_and_no_file_any_more_is_loaded_and_a_reset_puts_the_file_back() {
    let checkout = Checkout::new();
    let room = "crates/app/src/word.rs";
    checkout.edit(SOURCE, "const WORD: &str = \"one\";", "mod word;\nuse word::WORD;");
    checkout.write(room, b"pub const WORD: &str = \"one\";\n");
    let rooms = |file: &str| format!("[{{ starter = \"{file}\", solution = \"{file}\" }}]");
    checkout.edit("docs/scenario-1/lesson.toml", &rooms(SOURCE), &rooms(room));
    checkout.write_starter(1, &[room]);
    checkout.commit();
    fs::remove_file(checkout.path(room)).unwrap();
    checkout.write("crates/app/src/word/mod.rs", b"mod text;\npub use text::WORD;\n");
    checkout.write("crates/app/src/word/text.rs", b"pub const WORD: &str = \"split\";\n");
    checkout.up();
    assert_eq!(checkout.word().as_deref(), Some("split"));
    let results = checkout.loaded();
    assert!(results.contains("yours"), "{results}");
    let put = checkout.json(&["reset", "--code"]);
    let kept = Path::new(put["kept"].as_str().unwrap()).join("crates/app/src/word");
    for file in ["mod.rs", "text.rs"] {
        assert!(kept.join(file).is_file(), "{file} is not kept: {put}");
    }
    // With both, it would not compile.
    assert!(!checkout.path("crates/app/src/word/mod.rs").exists());
    checkout.up();
    assert_eq!(checkout.word().as_deref(), Some("one"));
}
