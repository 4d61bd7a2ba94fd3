//! What `db/feed` promises: the same data everywhere, the tables the code believes in, and a fix that fixes.

#[cfg(feature = "solution")]
use testkit::sql::{lesson_query, plain};

use crate::{FIX, POSTGRES, SCHEMA, SEED};

#[test]
fn the_seed_is_the_same_every_time() {
    let marker =
        |template| POSTGRES.database(template).sql("SELECT version, users, posts, checksum FROM seed_marker");
    POSTGRES.template("seeded_again", &[SCHEMA, SEED]);
    assert_eq!(marker("seeded_again"), marker("seeded"));
    insta::assert_debug_snapshot!(marker("seeded")[0].iter().flatten().collect::<Vec<_>>(), @r#"
    [
        "1",
        "50",
        "10000",
        "5715797888498015611498",
    ]
    "#);
}

#[test]
fn a_setting_loads_another_number_of_posts() {
    POSTGRES.template("seeded_small", &[SCHEMA, &format!("SET seed.posts = '1234'; {SEED}")]);
    let database = POSTGRES.database("seeded_small");
    assert_eq!(
        database.sql("SELECT count(*), count(DISTINCT created_at) FROM posts")[0],
        [Some("1234".to_owned()), Some("1234".to_owned())]
    );
}

#[test]
fn posts_are_spread_over_90_days_and_not_in_the_order_of_their_ids() {
    let database = POSTGRES.database("seeded");
    let [row] = database
        .sql("SELECT count(DISTINCT created_at), max(created_at) - min(created_at), abs(corr(id, extract(epoch FROM created_at))) < 0.05 FROM posts")
        .try_into()
        .unwrap();
    let row: Vec<_> = row.into_iter().flatten().collect();
    assert_eq!(row, ["10000", "89 days 23:47:02.4", "t"]);
}

#[test]
fn the_fix_turns_the_scan_of_the_table_into_one_of_its_index() {
    let database = POSTGRES.database("seeded");
    let plan = || {
        let rows = database.sql(
            "EXPLAIN SELECT posts.id, username, content, created_at FROM posts JOIN users ON users.id = user_id
             ORDER BY created_at DESC, posts.id DESC LIMIT 20",
        );
        rows.into_iter().flatten().flatten().collect::<Vec<_>>().join("\n")
    };
    assert!(plan().contains("Seq Scan on posts"), "{}", plan());
    database.sql(FIX);
    // Whoever runs it twice gets no error.
    database.sql(FIX);
    assert!(plan().contains("Index Scan using posts_created_at_idx on posts"), "{}", plan());
    assert!(!plan().contains("Sort"), "{}", plan());
}

#[cfg(feature = "solution")]
#[test]
fn the_query_of_the_lesson_is_the_one_that_is_sent() {
    let feed = crate::Feed::start(crate::SOLUTION);
    assert_eq!(feed.get("/feed").status, 200);
    let sent = feed.database.seen("SELECT \"posts\"%").unwrap();
    assert_eq!(plain(&sent, &[]), lesson_query(include_str!("../../../../docs/scenario-1/lesson.toml")));
}

#[test]
fn the_tables_of_the_code_are_those_of_the_database() {
    let tables = POSTGRES.database("seeded").sql(
        "SELECT format('diesel::table! { %s (id) { %s } }', table_name, string_agg(
             column_name || ' -> ' || CASE is_nullable WHEN 'YES' THEN 'Nullable<' || kind || '>,' ELSE kind || ',' END,
             ' ' ORDER BY ordinal_position))
         FROM information_schema.columns
         JOIN (VALUES ('bigint', 'BigInt'), ('text', 'Text'), ('timestamp with time zone', 'Timestamptz'))
              AS diesel (data_type, kind) USING (data_type)
         WHERE table_schema = 'public' AND table_name <> 'seed_marker'
         GROUP BY table_name ORDER BY table_name DESC",
    );
    let tables = tables.into_iter().flatten().flatten().collect::<Vec<_>>().join(" ");
    let code = include_str!("../../src/schema.rs").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code.contains(&tables), "the database has\n{tables}\nand src/schema.rs\n{code}");
}
