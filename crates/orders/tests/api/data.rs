//! What `db/orders` promises: the same data everywhere, the tables the code believes in, and an index for each list.

use testkit::sql::{lesson_query, plain};

use crate::{POSTGRES, SCHEMA, SEED, Shop};

fn marker(template: &str) -> Vec<String> {
    let rows = POSTGRES.database(template).sql("SELECT version, products, orders, checksum FROM seed_marker");
    rows.into_iter().flatten().flatten().collect()
}

#[test]
fn the_seed_is_the_same_every_time() {
    POSTGRES.template("whole", &[SCHEMA, SEED]);
    insta::assert_debug_snapshot!(marker("whole"), @r#"
    [
        "1",
        "5000",
        "500000",
        "288402392909375566490231",
    ]
    "#);
    POSTGRES.template("seeded_again", &[SCHEMA, &format!("SET seed.orders = '1000'; {SEED}")]);
    assert_eq!(marker("seeded_again"), marker("seeded"));
}

#[test]
fn what_watches_over_the_orders_is_there_after_the_seed_as_before() {
    let rules = |template| {
        POSTGRES.database(template).sql(
            "SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
             WHERE conrelid = 'orders'::regclass ORDER BY conname",
        )
    };
    POSTGRES.template("empty", &[SCHEMA]);
    assert_eq!(rules("seeded"), rules("empty"));
}

#[test]
fn orders_cover_the_year_and_every_product() {
    POSTGRES.template("seeded_5000", &[SCHEMA, &format!("SET seed.orders = '5000'; {SEED}")]);
    let rows = POSTGRES.database("seeded_5000").sql(
        "SELECT count(DISTINCT product_id), max(created_at) - min(created_at), bool_and(total_cents = price_cents * quantity)
         FROM orders JOIN products ON products.id = product_id",
    );
    let row: Vec<_> = rows.into_iter().flatten().flatten().collect();
    assert_eq!(row, ["5000", "364 days 22:14:52.8", "t"]);
}

#[test]
fn a_page_is_read_from_its_index_also_when_postgresql_plans_for_any_category() {
    let shop = Shop::start();
    shop.get("/products?category=garden");
    // What the service really sends, from PostgreSQL's own list of who runs what.
    let sent = "SELECT query FROM pg_stat_activity WHERE query LIKE 'SELECT \"products\"%' LIMIT 1";
    let page = shop.value(sent);
    for (mode, arguments) in [
        ("force_generic_plan", "'garden', '', 21"),
        ("force_custom_plan", "'garden', '', 21"),
        ("force_custom_plan", "'toys', 'Large', 101"),
    ] {
        let rows = shop.database.sql(&format!(
            "SET plan_cache_mode = {mode}; PREPARE page AS {page}; EXPLAIN EXECUTE page ({arguments})"
        ));
        let plan = rows.into_iter().flatten().flatten().collect::<Vec<_>>().join("\n");
        assert!(plan.contains("Index Scan using products_category_name_key on products"), "{plan}");
        assert!(!plan.contains("Sort") && !plan.contains("Filter"), "{plan}");
    }
}

#[test]
fn the_query_of_the_lesson_is_the_one_that_is_sent() {
    let shop = Shop::start();
    assert_eq!(shop.get("/products?category=books&limit=100").status, 200);
    let sent = shop.database.seen("SELECT \"products\"%").unwrap();
    let lesson = lesson_query(include_str!("../../../../docs/scenario-4/lesson.toml"));
    assert_eq!(plain(&sent, &["'books'", "''", "101"]), lesson);
}

#[test]
fn the_tables_of_the_code_are_those_of_the_database() {
    let tables = POSTGRES.database("seeded").sql(
        "SELECT format('diesel::table! { %s (%s) { %s } }', table_name, min(column_name) FILTER (WHERE ordinal_position = 1),
             string_agg(column_name || ' -> ' || CASE is_nullable WHEN 'YES' THEN 'Nullable<' || kind || '>,' ELSE kind || ',' END,
             ' ' ORDER BY ordinal_position))
         FROM information_schema.columns
         JOIN (VALUES ('bigint', 'BigInt'), ('integer', 'Integer'), ('smallint', 'SmallInt'), ('text', 'Text'),
                      ('bytea', 'Binary'), ('timestamp with time zone', 'Timestamptz'))
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
