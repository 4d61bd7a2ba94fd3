//! What an instructor sets for the page, in `classroom.toml`.

use std::{fs, time::Duration};

use testkit::Answer;

use crate::{
    checkout::{Checkout, stderr, within},
    page::Page,
    site::LESSON,
};

struct SqlField {
    page: Page,
    cookie: String,
    id: String,
}

impl SqlField {
    /// In a lesson that has one.
    fn of(checkout: &Checkout) -> Self {
        let page = checkout.start_page();
        let cookie = page.cookie();
        let lesson = format!("{LESSON}\n```bash\nmake sql\n```\n");
        fs::write(checkout.path("docs/scenario-1/SCENARIO.md"), lesson).unwrap();
        let shown = page.ask("GET", "/", &[("Cookie", &cookie)], "");
        let shown = String::from_utf8(shown.body).unwrap();
        let (before, _) = shown.split_once("\" aria-label=\"Run make sql\"").unwrap();
        let id = before.rsplit("run-").next().unwrap().to_owned();
        Self { page, cookie, id }
    }

    fn shown(&self) -> String {
        let answer = self.page.ask("GET", &format!("/part/run/{}", self.id), &[("Cookie", &self.cookie)], "");
        String::from_utf8(answer.body).unwrap()
    }

    fn send(&self, sql: &str) -> Answer {
        let own = self.page.url.trim_end_matches('/');
        let headers = [("Cookie", &*self.cookie), ("Origin", own), ("X-Live", "1")];
        let given: String = sql.bytes().map(|byte| format!("%{byte:02X}")).collect();
        self.page.ask("POST", "/do/run", &headers, &format!("id={}&given={given}", self.id))
    }
}

#[test]
fn an_instructor_switches_the_sql_field_off_and_on_without_a_restart() {
    let checkout = Checkout::new();
    let field = SqlField::of(&checkout);
    assert!(field.shown().contains("name=\"given\""), "{}", field.shown());
    checkout.write("classroom.toml", b"sql_field = false\n");
    assert!(!field.shown().contains("<form"), "{}", field.shown());
    let refused = field.send("SELECT 1");
    assert_eq!(refused.status, 403);
    let why = "the SQL field is switched off in classroom.toml; run `make sql` in a terminal";
    assert!(String::from_utf8_lossy(&refused.body).contains(why), "{refused}");

    // A typing error must not switch it on.
    checkout.write("classroom.toml", b"sql_field = \"no\"\n");
    let shown = field.shown();
    assert!(!shown.contains("<form") && shown.contains("classroom.toml cannot be used"), "{shown}");
    assert_eq!(field.send("SELECT 1").status, 500);
    let up = checkout.lab(&["up", "1"]);
    assert_eq!(up.status.code(), Some(2));
    assert!(stderr(&up).contains("classroom.toml cannot be used"), "{}", stderr(&up));

    checkout.write("classroom.toml", b"sql_field = true\n");
    assert_eq!(field.send("SELECT 1").status, 204);
}

#[test]
fn the_sql_field_reads_everything_and_changes_nothing() {
    let checkout = Checkout::new();
    let field = SqlField::of(&checkout);
    let printed = |sql: &str| {
        assert_eq!(field.send(sql).status, 204, "{sql}");
        within(Duration::from_secs(10), "it has ended", || {
            ["Done in", "Ended with"].iter().any(|end| field.shown().contains(end))
        });
        field.shown()
    };
    for (sql, word) in [
        ("SELECT count(*) FROM things", "5000"),
        ("EXPLAIN ANALYZE SELECT * FROM things", "Seq Scan"),
        ("SELECT count(*) AS others FROM pg_stat_activity WHERE usename <> current_user", "others"),
    ] {
        let output = printed(sql);
        assert!(output.contains("Done in") && output.contains(word), "{sql}: {output}");
    }
    for sql in [
        "DROP TABLE things",
        "DELETE FROM things",
        "UPDATE things SET id = 0",
        "CREATE INDEX ON things (id)",
        "EXPLAIN ANALYZE DELETE FROM things",
        "CREATE TABLE mine (id int)",
        "CREATE ROLE other SUPERUSER",
        "ALTER ROLE postgres PASSWORD 'x'",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
        "COPY things TO PROGRAM 'cat'",
        "SELECT pg_read_file('postgresql.conf')",
    ] {
        let output = printed(sql);
        assert!(output.contains("Ended with") && output.contains("ERROR"), "{sql}: {output}");
    }
    assert_eq!(checkout.json(&["status"])["database"]["tables"]["things"], 5000);
}
