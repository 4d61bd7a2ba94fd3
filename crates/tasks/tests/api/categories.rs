//! `/categories`

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::each_variant;

#[test]
fn a_category_is_created_shown_changed_and_deleted() {
    each_variant(|api| {
        assert_snapshot!(api.post("/categories", r#"{"name": "Gardening"}"#), @r#"
        201
        content-type: application/json
        x-instance: tasks

        {"status":201,"message":"category created","data":{"id":13,"name":"Gardening"}}
        "#);
        assert_snapshot!(api.get("/categories/13"), @r#"
        200
        content-type: application/json
        x-instance: tasks

        {"status":200,"data":{"id":13,"name":"Gardening"}}
        "#);
        assert_snapshot!(api.put("/categories/13", r#"{"name": "Cooking"}"#), @r#"
        200
        content-type: application/json
        x-instance: tasks

        {"status":200,"message":"category updated","data":{"id":13,"name":"Cooking"}}
        "#);
        assert_snapshot!(api.delete("/categories/13"), @r#"
        200
        content-type: application/json
        x-instance: tasks

        {"status":200,"message":"category deleted","data":{"id":13,"name":"Cooking"}}
        "#);
        for answer in [
            api.get("/categories/13"),
            api.put("/categories/13", r#"{"name": "x"}"#),
            api.delete("/categories/13"),
        ] {
            assert_eq!(answer.status, 404, "{answer}");
        }
    });
}

#[test]
fn categories_come_in_the_order_of_their_ids_page_by_page() {
    each_variant(|api| {
        assert_snapshot!(api.get("/categories?limit=2&page=6"), @r#"
        200
        content-type: application/json
        x-instance: tasks

        {"status":200,"total":12,"page":6,"limit":2,"totalPages":6,"data":[{"id":11,"name":"Finance"},{"id":12,"name":"Research"}]}
        "#);
        assert_eq!(api.get("/categories?page=3").json()["data"], json!([]));
    });
}

#[test]
fn all_that_is_wrong_with_a_category_is_said_at_once() {
    each_variant(|api| {
        for (body, errors) in [
            ("{}", json!([{ "path": "name", "message": "is required" }])),
            (
                r#"{"name": "", "id": 1}"#,
                json!([
                    { "path": "id", "message": "is unknown" },
                    { "path": "name", "message": "must have 1 to 200 characters, and has 0" }
                ]),
            ),
            (
                r#"{"name": "a\u0000b"}"#,
                json!([{ "path": "name", "message": "must not contain the character NUL" }]),
            ),
        ] {
            let answer = api.post("/categories", body);
            assert_eq!((answer.status, &answer.json()["errors"]), (400, &errors), "{body}");
            assert_eq!(api.put("/categories/1", body).status, 400);
        }
    });
}

#[test]
fn the_tasks_of_a_deleted_category_stay_and_have_none() {
    each_variant(|api| {
        let total =
            |parameters: &str| api.get(&format!("/tasks?limit=1{parameters}")).json()["total"].clone();
        let all = total("");
        assert_ne!(total("&categoryId=3"), 0);
        assert_eq!(api.delete("/categories/3").status, 200);
        assert_eq!((total("&categoryId=3"), total("")), (json!(0), all));
        let row = api.database.sql("SELECT id FROM tasks WHERE category_id IS NULL ORDER BY id LIMIT 1");
        let task = api.get(&format!("/tasks/{}", row[0][0].as_ref().unwrap())).json();
        assert_eq!((&task["data"]["categoryId"], &task["data"]["category"]), (&Value::Null, &Value::Null));
    });
}
