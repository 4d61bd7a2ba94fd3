//! `GET /tasks?search=…`

use std::time::Duration;

use serde_json::json;
use testkit::eventually;

use crate::{Api, VARIANTS, each_variant, lesson_database};

/// The titles of the tasks that are found by `text`, as it stands in an address.
fn found(api: &Api, text: &str) -> Vec<String> {
    let answer = api.get(&format!("/tasks?search={text}&sort=asc&limit=100"));
    assert_eq!(answer.status, 200, "{answer}");
    let list = answer.json();
    let titles: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["title"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(list["total"], titles.len());
    titles
}

/// Nothing but tasks with these titles.
fn only(api: &Api, titles: &[&str]) {
    api.database.sql("TRUNCATE tasks");
    for title in titles {
        let answer = api.post("/tasks", &json!({ "title": title, "userId": 1 }).to_string());
        assert_eq!(answer.status, 201, "{answer}");
    }
}

#[test]
fn capitals_do_not_matter_in_any_language() {
    each_variant(|api| {
        only(api, &["Übergrößen prüfen", "Café MENU", "Ελλάδα", "plain"]);
        for (text, title) in [
            ("%C3%BCBERGR%C3%B6SSEN", None),
            ("%C3%BCBERGR%C3%96", Some("Übergrößen prüfen")),
            ("CAF%C3%89", Some("Café MENU")),
            ("%C3%A9%20men", Some("Café MENU")),
            ("%CE%B5%CE%BB%CE%BB%CE%AC%CE%B4%CE%B1", Some("Ελλάδα")),
            ("PLAIN", Some("plain")),
        ] {
            assert_eq!(found(api, text), title.into_iter().collect::<Vec<_>>(), "{text}");
        }
    });
}

#[test]
fn percent_underscore_and_backslash_are_themselves() {
    each_variant(|api| {
        only(
            api,
            &["100% sure", "100 percent", "snake_case", "snake case", r"back\slash", "backslash", "'quoted'"],
        );
        for (text, title) in [
            ("100%25", "100% sure"),
            ("%25%20s", "100% sure"),
            ("snake_", "snake_case"),
            ("_", "snake_case"),
            ("%5C", r"back\slash"),
            ("k%5Cs", r"back\slash"),
            ("'QUOTED'", "'quoted'"),
        ] {
            assert_eq!(found(api, text), [title], "{text}");
        }
        for text in ["%25%25", "__", "%5C%5C", "'%20OR%201=1%20--"] {
            assert!(found(api, text).is_empty(), "{text}");
        }
    });
}

#[test]
fn a_task_is_found_by_its_texts_and_by_the_names_of_its_user_and_its_category() {
    each_variant(|api| {
        only(api, &["by its title"]);
        let ids = [
            ("users", r#"{"name": "Zoe Zuse", "email": "z@example.org", "password": "secret"}"#),
            ("categories", r#"{"name": "Zoology"}"#),
        ]
        .map(|(kind, body)| api.post(&format!("/{kind}"), body).json()["data"]["id"].clone());
        for task in [
            json!({ "title": "by its description", "description": "a ZEBRA", "userId": 1 }),
            json!({ "title": "by its user", "userId": ids[0] }),
            json!({ "title": "by its category", "userId": 1, "categoryId": ids[1] }),
        ] {
            assert_eq!(api.post("/tasks", &task.to_string()).status, 201);
        }
        for (text, titles) in [
            ("its%20title", vec!["by its title"]),
            ("zebra", vec!["by its description"]),
            ("zuse", vec!["by its user"]),
            ("zoo", vec!["by its category"]),
            ("zo", vec!["by its user", "by its category"]),
        ] {
            assert_eq!(found(api, text), titles, "{text}");
        }
        // A changed name is found at once, and a deleted one no more.
        api.put(&format!("/users/{}", ids[0]), r#"{"name": "Yvonne"}"#);
        api.delete(&format!("/categories/{}", ids[1]));
        assert_eq!((found(api, "yvonne"), found(api, "zo")), (vec!["by its user".to_owned()], vec![]));
    });
}

#[test]
fn a_search_counts_what_is_on_other_pages() {
    each_variant(|api| {
        only(api, &["page one", "page two", "page three", "other"]);
        for (page, limit, here) in [(1, 4, 3), (1, 3, 3), (1, 2, 2), (2, 2, 1), (2, 3, 0), (3, 2, 0)] {
            let list = api.get(&format!("/tasks?search=page&page={page}&limit={limit}")).json();
            let found = (list["data"].as_array().unwrap().len(), list["total"].as_i64().unwrap());
            assert_eq!(found, (here, 3), "page {page} of {limit}");
        }
    });
}

#[test]
fn a_search_reads_the_trigram_index_and_not_the_table() {
    for variant in VARIANTS {
        let api = Api::on(variant, lesson_database());
        // Often enough for PostgreSQL to settle on a plan that does for all of them.
        // One that ANALYZE happened to sample counts as frequent, and PostgreSQL looks for it along the primary key.
        let references = api.database.sql(
            "SELECT reference FROM (SELECT left(md5(n::text), 12) AS reference FROM generate_series(1, 1000) AS n) AS candidates
             WHERE NOT EXISTS (SELECT FROM pg_stats WHERE tablename = 'tasks'
                               AND strpos(concat(most_common_vals, histogram_bounds), reference) > 0)
             LIMIT 9",
        );
        for reference in references.into_iter().flatten().flatten() {
            assert_eq!(found(&api, &reference).len(), 1, "{reference}");
        }
        let Api { service, database, redis: _redis } = api;
        drop(service);
        // PostgreSQL adds up what a connection did before it lists it no more.
        eventually(Duration::from_secs(20), "the service's connections are closed", || {
            let others = "SELECT 1 FROM pg_stat_activity
                          WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
            database.sql(others).is_empty()
        });
        let scans = database.sql(
            "SELECT (SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'tasks_search_idx'), seq_scan
             FROM pg_stat_user_tables WHERE relname = 'tasks'",
        );
        // The title and the description. What is found fits on the page, so nobody looks again to count it.
        assert_eq!(
            scans,
            [[Some((9 * 2).to_string()), Some("0".to_owned())]],
            "scans of the index, and of the table"
        );
    }
}

#[test]
fn an_accent_is_found_however_it_is_written() {
    each_variant(|api| {
        only(api, &["Cafe\u{301} one", "Café two"]);
        for text in ["Cafe%CC%81", "Caf%C3%A9"] {
            assert_eq!(found(api, text), ["Café one", "Café two"], "{text}");
        }
        let category = api.post("/categories", r#"{"name": "Mu\u0308sli"}"#).json();
        let task = json!({ "title": "breakfast", "userId": 1, "categoryId": category["data"]["id"] });
        api.post("/tasks", &task.to_string());
        assert_eq!(found(api, "M%C3%BCsli"), ["breakfast"]);
        let path = format!("/categories/{}", category["data"]["id"]);
        assert_eq!(api.put(&path, r#"{"name": "\u212bngstro\u0308m"}"#).status, 200);
        assert_eq!(found(api, "%C3%85ngstr%C3%B6m"), ["breakfast"]);
        let user = json!({ "name": "Zoe\u{308}", "email": "zoe@example.org", "password": "123456" });
        let user = api.post("/users", &user.to_string()).json();
        let task = json!({ "title": "dinner", "userId": user["data"]["id"] });
        let task = api.post("/tasks", &task.to_string()).json();
        for name in ["Zo%C3%AB", "Zoe%CC%88"] {
            assert_eq!(found(api, name), ["dinner"], "{name}");
        }
        // A syllable of Korean, and its three letters.
        let path = format!("/tasks/{}", task["data"]["id"]);
        assert_eq!(api.put(&path, r#"{"description": "\u1112\u1161\u11ab"}"#).status, 200);
        assert_eq!(found(api, "%ED%95%9C"), ["dinner"]);
    });
}

#[test]
fn an_address_is_written_in_one_way() {
    each_variant(|api| {
        for path in [
            "/tasks?page=%2B1",
            "/tasks?page=01",
            "/tasks/+1",
            "/tasks/01",
            "/tasks?search=%ff",
            "/users/%2B1",
        ] {
            assert_eq!(api.get(path).status, 400, "{path}");
        }
    });
}
