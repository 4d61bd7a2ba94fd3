//! Seeding, fixing, explaining, resetting.

use crate::checkout::Checkout;

impl Checkout {
    fn sql(&self, query: &str) -> String {
        let output = self.lab(&["sql", "-At", "-c", query]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
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
    assert_eq!(
        checkout.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'things'"),
        "app"
    );
    assert_eq!(
        checkout.sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"),
        "f"
    );
}

#[test]
fn another_seed_is_another_database_and_the_first_comes_back_as_it_was() {
    let checkout = Checkout::new();
    checkout.up();
    checkout.sql("DELETE FROM things WHERE id > 10");
    let other = checkout
        .command(&["up", "1"])
        .env("SEED_SLEEP_S", "0.01")
        .output()
        .unwrap();
    assert!(other.status.success());
    assert_eq!(checkout.sql("SELECT count(*) FROM things"), "5000");
    checkout.up();
    assert_eq!(checkout.sql("SELECT count(*) FROM things"), "10");
}
