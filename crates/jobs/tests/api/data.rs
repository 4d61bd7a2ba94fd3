//! What `db/jobs` promises: the same data everywhere, the tables the code believes in, and an index that finds the next
//! job.

use testkit::sql::{lesson_query, on_one_line};

use crate::{POSTGRES, SCHEMA, SEED, each_variant};

#[test]
fn the_seed_is_the_same_every_time() {
    let marker = |template| {
        POSTGRES.database(template).sql("SELECT version, workers, jobs, checksum FROM seed_marker")
    };
    POSTGRES.template("seeded_again", &[SCHEMA, SEED]);
    assert_eq!(marker("seeded_again"), marker("seeded"));
    insta::assert_debug_snapshot!(marker("seeded")[0].iter().flatten().collect::<Vec<_>>(), @r#"
    [
        "1",
        "5",
        "10000",
        "5729489247095015675752",
    ]
    "#);
}

#[test]
fn a_setting_loads_another_number_of_jobs() {
    POSTGRES.template("seeded_small", &[SCHEMA, &format!("SET seed.jobs = '1234'; {SEED}")]);
    let database = POSTGRES.database("seeded_small");
    assert_eq!(database.sql("SELECT count(*) FROM jobs")[0], [Some("1234".to_owned())]);
}

#[test]
fn the_seed_has_every_type_status_and_priority() {
    let kinds = POSTGRES.database("seeded").sql(
        "SELECT count(DISTINCT type), count(DISTINCT priority), count(DISTINCT attempt),
                string_agg(DISTINCT status, ' ' ORDER BY status), count(DISTINCT (type, status)) FROM jobs",
    );
    let kinds: Vec<_> = kinds[0].iter().flatten().collect();
    assert_eq!(kinds, ["5", "10", "6", "dead done pending", "11"]);
}

#[test]
fn the_query_of_the_lesson_is_part_of_the_claim() {
    each_variant(|jobs| {
        jobs.submit(5);
        jobs.claim();
        let sent = on_one_line(&jobs.database.seen("%WITH next AS%").unwrap());
        let lesson = lesson_query(include_str!("../../../../docs/scenario-3/lesson.toml"));
        assert!(sent.contains(&lesson.replace("'grace'", "$1")), "{sent}");
    });
}

#[test]
fn the_tables_of_the_code_are_those_of_the_database() {
    let tables = POSTGRES.database("seeded").sql(
        "SELECT format('diesel::table! { %s (%s) { %s } }', table_name, min(column_name) FILTER (WHERE ordinal_position = 1),
             string_agg(
                 CASE column_name WHEN 'type' THEN '#[sql_name = \"type\"] kind' ELSE column_name END || ' -> '
                     || CASE is_nullable WHEN 'YES' THEN 'Nullable<' || kind || '>,' ELSE kind || ',' END,
                 ' ' ORDER BY ordinal_position))
         FROM information_schema.columns
         JOIN (VALUES ('bigint', 'BigInt'), ('integer', 'Integer'), ('smallint', 'SmallInt'), ('text', 'Text'),
                      ('jsonb', 'Jsonb'), ('bytea', 'Binary'), ('timestamp with time zone', 'Timestamptz'))
              AS diesel (data_type, kind) USING (data_type)
         WHERE table_schema = 'public' AND table_name <> 'seed_marker'
         GROUP BY table_name",
    );
    let code = [include_str!("../../src/schema.rs"), include_str!("../../../shared/src/idempotency.rs")];
    let code = code.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(tables.len(), 3);
    for table in tables.into_iter().flatten().flatten() {
        assert!(code.contains(&table), "the database has\n{table}\nand the code\n{code}");
    }
}
