//! No setting of the user's shell or home changes what the lab does.

use std::{fs, path::Path, process::Command};

use crate::checkout::{Checkout, stderr};

#[test]
fn a_lock_that_the_caller_holds_is_free_after_the_start() {
    let checkout = Checkout::new();
    let up = checkout.command(&["up", "1"]);
    let held = checkout.path("held");
    let mut flock = Command::new("flock");
    flock.arg(&held).arg(up.get_program()).args(up.get_args()).current_dir(checkout.path(""));
    flock.envs(up.get_envs().filter_map(|(name, value)| Some((name, value?))));
    assert!(flock.output().unwrap().status.success());
    let again = Command::new("flock").arg("--nonblock").arg(&held).arg("true").status().unwrap();
    assert!(again.success(), "a process of the scenario holds the lock");
}

#[test]
fn a_private_umask_keeps_no_server_from_its_files() {
    let checkout = Checkout::new();
    let up = checkout.command(&["up", "1"]);
    let mut shell = Command::new("bash");
    shell.args(["-c", "umask 077; exec \"$@\"", "bash"]).arg(up.get_program()).args(up.get_args());
    shell.envs(up.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(checkout.path(""));
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(checkout.word().as_deref(), Some("one"));
}

#[test]
fn psql_obeys_the_lab_and_not_the_users_files_and_variables() {
    let checkout = Checkout::new();
    checkout.up();
    fs::write(checkout.path(".psqlrc"), "\\set AUTOCOMMIT off\n").unwrap();
    let sql = |query: &str| {
        let mut sql = checkout.command(&["sql", "-At", "-c", query]);
        sql.env("HOME", checkout.path("")).env("PSQLRC", checkout.path(".psqlrc"));
        for (name, value) in [
            ("PGSSLMODE", "require"),
            ("PGHOSTADDR", "127.0.0.9"),
            ("PGSERVICE", "elsewhere"),
            ("PGCHANNELBINDING", "require"),
            ("PGTARGETSESSIONATTRS", "standby"),
            ("PGOPTIONS", "-c default_transaction_read_only=on"),
        ] {
            sql.env(name, value);
        }
        let output = sql.output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    sql("INSERT INTO things VALUES (0, 'mine')");
    assert_eq!(sql("SELECT name FROM things WHERE id = 0"), "mine\n");
}

#[test]
fn a_variable_that_the_lab_sets_is_the_labs() {
    let checkout = Checkout::new();
    checkout.edit("compose/scenario-1.yml", "BIN: app }", "BIN: \"app${VARIANT:-}\" }");
    for (name, value) in [("VARIANT", "-solution"), ("PROFILE", "release"), ("DB_PASSWORD", "guessed")] {
        let up = checkout.command(&["up", "1"]).env(name, value).output().unwrap();
        assert!(up.status.success(), "{name}: {}", stderr(&up));
    }
    assert_eq!(checkout.word().as_deref(), Some("one"));
}

#[test]
fn a_clone_with_windows_line_endings_switched_on_has_none() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let clone = tempfile::tempdir().unwrap();
    let mut git = Command::new("git");
    git.args(["clone", "--quiet", "--config", "core.autocrlf=true"]).arg(&root).arg(clone.path());
    assert!(git.status().unwrap().success());
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(&clone).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let files: Vec<_> = listed.split_terminator('\0').collect();
    assert!(files.contains(&"db/create.sh"), "{files:?}");
    for file in files {
        // Its kind is text where it has no NUL: git decides in the same way.
        let content = fs::read(clone.path().join(file)).unwrap();
        assert!(content.contains(&0) || !content.contains(&b'\r'), "{file}: add a line to .gitattributes");
    }
}
