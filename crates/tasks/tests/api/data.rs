//! What `db/tasks` promises: the same data everywhere, and the tables the code believes in.

use testkit::sql::{lesson_query, plain};

use crate::{POSTGRES, SCHEMA, SEED, each_variant, lesson_database};

#[test]
fn the_seed_is_the_same_every_time() {
    let marker = "SELECT version, users, categories, tasks, checksum FROM seed_marker";
    let full = lesson_database().sql(marker);
    POSTGRES.template("seeded_again", &[SCHEMA, SEED]);
    assert_eq!(POSTGRES.database("seeded_again").sql(marker), full);
    insta::assert_debug_snapshot!(full[0].iter().flatten().collect::<Vec<_>>(), @r#"
    [
        "1",
        "200",
        "12",
        "100000",
        "57603251657022054867540",
    ]
    "#);
}

#[test]
fn a_setting_loads_another_number_of_tasks() {
    let database = POSTGRES.database("seeded");
    assert_eq!(
        database.sql("SELECT count(*), count(DISTINCT created_at) FROM tasks")[0],
        [Some("1000".to_owned()), Some("1000".to_owned())]
    );
}

#[test]
fn tasks_are_spread_over_90_days_and_not_in_the_order_of_their_ids() {
    let rows = lesson_database().sql(
        "SELECT count(DISTINCT created_at), max(created_at) - min(created_at),
                abs(corr(id, extract(epoch FROM created_at))) < 0.05,
                count(DISTINCT user_id), count(DISTINCT category_id), count(DISTINCT status)
         FROM tasks",
    );
    let row: Vec<_> = rows.into_iter().flatten().flatten().collect();
    assert_eq!(row, ["100000", "89 days 23:58:42.24", "t", "200", "12", "3"]);
}

#[test]
fn each_filter_and_each_order_has_an_index() {
    let database = lesson_database();
    for (condition, index) in [
        ("", "tasks_created_at_idx"),
        ("WHERE status = 'pending'", "tasks_status_idx"),
        ("WHERE user_id = 7", "tasks_user_id_idx"),
        ("WHERE category_id = 3", "tasks_category_id_idx"),
    ] {
        for (direction, scan) in [("ASC", "Index Scan"), ("DESC", "Index Scan Backward")] {
            let rows = database.sql(&format!(
                "EXPLAIN SELECT * FROM tasks {condition} ORDER BY created_at {direction}, id {direction} LIMIT 10"
            ));
            let plan = rows.into_iter().flatten().flatten().collect::<Vec<_>>().join("\n");
            assert!(plan.contains(&format!("{scan} using {index} on tasks")), "{plan}");
            assert!(!plan.contains("Sort"), "{plan}");
        }
    }
}

#[test]
fn the_query_of_the_lesson_finds_what_is_sent_for() {
    each_variant(|api| {
        assert_eq!(api.get("/tasks?userId=7").status, 200);
        let sent = plain(&api.database.seen("SELECT (SELECT%").unwrap(), &[]).replace("tasks.", "");
        let lesson = lesson_query(include_str!("../../../../docs/scenario-2/lesson.toml"));
        // The service asks for more columns, and for how many there are.
        let (_, which) = lesson.split_once("FROM tasks ").unwrap();
        let which = which.replace("= 7", "= $3").replace("LIMIT 10", "LIMIT $4");
        assert!(sent.contains(&which), "{which}\nis not in\n{sent}");
    });
}

#[test]
fn the_tables_of_the_code_are_those_of_the_database() {
    let tables = POSTGRES.database("empty").sql(
        "SELECT format('diesel::table! { %s (id) { %s } }', table_name, string_agg(
             column_name || ' -> ' || CASE is_nullable WHEN 'YES' THEN 'Nullable<' || kind || '>,' ELSE kind || ',' END,
             ' ' ORDER BY ordinal_position))
         FROM information_schema.columns
         JOIN (VALUES ('integer', 'Integer'), ('text', 'Text'), ('timestamp with time zone', 'Timestamptz'))
              AS diesel (data_type, kind) USING (data_type)
         WHERE table_schema = 'public' AND table_name <> 'seed_marker'
         GROUP BY table_name ORDER BY table_name DESC",
    );
    let code = include_str!("../../src/schema.rs").split_whitespace().collect::<Vec<_>>().join(" ");
    for table in tables.into_iter().flatten().flatten() {
        assert!(code.contains(&table), "the database has\n{table}\nand src/schema.rs\n{code}");
    }
}
