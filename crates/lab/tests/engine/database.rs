//! Seeding, fixing, explaining, resetting.

use std::{fs, io::Write, process::Stdio, time::Duration};

use crate::{
    checkout::{Checkout, quiet, stderr, within},
    watched::{port, watched},
};

impl Checkout {
    fn sql(&self, query: &str) -> String {
        let output = self.lab(&["sql", "-At", "-c", query]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

#[test]
fn every_command_names_an_index_whose_build_was_interrupted() {
    let checkout = Checkout::new();
    checkout.up();
    // Names are there more than once, so this build ends in the middle.
    checkout.lab(&["sql", "-c", "CREATE UNIQUE INDEX CONCURRENTLY things_name_idx ON things (name)"]);
    let fix = checkout.lab(&["apply-fix"]);
    assert_eq!(fix.status.code(), Some(2));
    let explained = String::from_utf8(checkout.lab(&["explain"]).stdout).unwrap();
    let checked = String::from_utf8(checkout.lab(&["check"]).stdout).unwrap();
    for text in [&stderr(&fix), &explained, &checked] {
        assert!(text.contains("the index things_name_idx is INVALID"), "{text}");
    }
    checkout.sql("DROP INDEX things_name_idx");
    checkout.json(&["apply-fix"]);
    assert_eq!(checkout.json(&["explain"])["scan"]["index"], "things_name_idx");
}

#[test]
fn a_transaction_that_stays_open_is_named_by_the_status_and_by_the_reset_that_ends_it() {
    let checkout = Checkout::new();
    checkout.up();
    let mut psql = checkout.command(&["sql"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    // It stays open as long as psql waits for more.
    let mut input = psql.stdin.take().unwrap();
    input.write_all(b"BEGIN; SELECT count(*) FROM things;\n").unwrap();
    within(Duration::from_secs(20), "the status names the transaction", || {
        let status = String::from_utf8(checkout.lab(&["status"]).stdout).unwrap();
        status.contains("a transaction of the user app (psql), open for")
            && status.contains("idle in transaction, last statement: SELECT count(*) FROM things")
    });
    // A load test names it too, and its session is not one of the service's.
    let report = checkout.load(&[]);
    let database = &report["spent"]["database"];
    assert_eq!(database["open"], 0.0, "{database:#}");
    assert_eq!(database["old_transactions"][0]["application"], "psql", "{database:#}");
    let reset = stderr(&checkout.lab(&["reset", "--data"]));
    assert!(reset.contains("the reset of the data ends a transaction of the user app (psql)"), "{reset}");
    drop(input);
    psql.wait().unwrap();
}

#[test]
fn the_age_of_the_oldest_transaction_is_measured_for_the_panel() {
    let Some(checkout) = watched() else { return };
    let page = port(&checkout.up(), "dashboard");
    let age = || {
        let metrics = checkout.get(page, "/metrics").unwrap();
        let age =
            metrics.lines().find_map(|line| line.strip_prefix("lab_database_oldest_transaction_seconds "));
        age.unwrap_or_else(|| panic!("{metrics}")).parse::<f64>().unwrap()
    };
    let mut psql = checkout.command(&["sql"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut input = psql.stdin.take().unwrap();
    input.write_all(b"BEGIN; SELECT count(*) FROM things;\n").unwrap();
    within(Duration::from_secs(20), "a transaction is two seconds old", || age() >= 2.0);
    drop(input);
    psql.wait().unwrap();
    within(Duration::from_secs(20), "it is no more", || age() < 2.0);
}

#[test]
fn the_fix_changes_the_plan_and_a_reset_brings_the_fault_back() {
    let checkout = Checkout::new();
    checkout.up();
    assert_eq!(checkout.json(&["explain"])["scan"]["node"], "Seq Scan");
    checkout.json(&["apply-fix"]);
    checkout.json(&["apply-fix"]);
    assert_eq!(checkout.json(&["explain"])["scan"]["index"], "things_name_idx");
    checkout.sql("DELETE FROM things WHERE id > 10");
    checkout.json(&["reset", "--data"]);
    assert_eq!(checkout.json(&["explain"])["scan"]["node"], "Seq Scan");
    assert_eq!(checkout.json(&["status"])["database"]["tables"]["things"], 5000);
}

#[test]
fn the_role_of_the_service_owns_its_tables_and_is_no_superuser() {
    let checkout = Checkout::new();
    checkout.up();
    assert_eq!(checkout.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'things'"), "app");
    assert_eq!(checkout.sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"), "f");
}

#[test]
fn another_seed_is_another_database_and_the_first_comes_back_as_it_was() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.sql("DELETE FROM things WHERE id > 10");
    let other = checkout.command(&["up", "1"]).env("SEED_SLEEP_S", "0.01").output().unwrap();
    assert!(other.status.success());
    assert_eq!(checkout.sql("SELECT count(*) FROM things"), "5000");
    checkout.up();
    assert_eq!(checkout.sql("SELECT count(*) FROM things"), "10");
}

#[test]
fn the_superuser_of_the_cluster_cannot_be_the_role_of_a_service() {
    let checkout = Checkout::new();
    checkout.edit("compose/scenario-1.yml", "SERVICE: app", "SERVICE: postgres");
    let output = checkout.lab(&["up", "1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("SERVICE: "), "{}", stderr(&output));
}

#[test]
fn no_password_is_in_a_log_or_on_a_command_line() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.load(&[]);
    for of in ["db", "superuser"] {
        let password = fs::read_to_string(checkout.path(&format!(".lab/scenario-1/{of}.password"))).unwrap();
        for log in fs::read_dir(checkout.path(".lab/scenario-1/log")).unwrap().flatten() {
            assert!(!fs::read_to_string(log.path()).unwrap().contains(&password), "{:?}", log.path());
        }
        assert!(checkout.processes().iter().all(|command| !command.contains(&password)));
    }
}

#[test]
fn a_reset_that_fails_quotes_the_command_as_postgresql_got_it() {
    let checkout = Checkout::new();
    checkout.up();
    let template = checkout.sql("SELECT datname FROM pg_database WHERE datname LIKE 'seed%'");
    // PostgreSQL copies no database that someone uses.
    let user = format!("\\c {template}");
    let mut user = quiet(&mut checkout.command(&["sql", "-c", &user, "-c", "SELECT pg_sleep(60)"]));
    let users = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{template}'");
    within(Duration::from_secs(10), "the template is used", || checkout.sql(&users) == "1");
    let said = stderr(&checkout.lab(&["reset", "--data"]));
    assert!(said.contains(&format!("CREATE DATABASE cloning TEMPLATE {template}")), "{said}");
    user.kill().unwrap();
    user.wait().unwrap();
}

#[test]
fn a_size_of_the_shell_is_checked_before_anything_starts_and_named_when_it_is_used() {
    let checkout = Checkout::new();
    checkout.edit(
        "compose/scenario-1.yml",
        "\"seed.sleep_s=",
        "\"seed.things=${THINGS:-5000}\", -c, \"seed.sleep_s=",
    );
    let up = |things| checkout.command(&["up", "1"]).env("THINGS", things).output().unwrap();
    let refused = up("max");
    assert!(stderr(&refused).contains("THINGS=max: expected a whole number"), "{}", stderr(&refused));
    checkout.assert_nothing_is_left();
    let note = "seed.things is 8 instead of 5000, because THINGS=8 is set";
    assert!(stderr(&up("8")).contains(note));
    assert!(!stderr(&up("5000")).contains("seed.things"));
}
