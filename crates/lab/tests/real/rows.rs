//! What a check writes, it removes, where the lesson says how; and the status says what a count of rows counts.

use crate::lab::Lab;

#[test]
fn a_check_of_the_first_lesson_leaves_the_rows_as_they_were() {
    let lab = Lab::new();
    lab.up("1", "solution");
    let rows = || lab.json(&["status"])["database"].clone();
    let before = rows();
    assert_eq!(before["tables"], before["seeded"]);
    let report = lab.lab(&["check", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    let writes = report["goals"].as_array().unwrap().iter().find(|goal| goal["id"] == "feed-shows-new-posts");
    assert_eq!(writes.unwrap()["verdict"], "PASS", "{report:#}");
    assert_eq!(rows()["tables"], before["tables"]);

    // What others write is named.
    let insert = "INSERT INTO posts (user_id, content) SELECT 7, 'mine' FROM generate_series(1, 3)";
    assert!(lab.lab(&["sql", "-c", insert]).status.success());
    let text = String::from_utf8(lab.lab(&["status"]).stdout).unwrap();
    assert!(text.contains("posts 10,003 (10,000 seeded, 3 added since)"), "{text}");
}
