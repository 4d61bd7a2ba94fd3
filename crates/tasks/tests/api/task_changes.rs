//! `PUT` and `DELETE /tasks/{id}`

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::{each_variant, tasks::errors};

#[test]
fn a_change_leaves_what_it_does_not_name() {
    each_variant(|api| {
        let before = api.get("/tasks/5").json()["data"].take();
        let answer = api.put("/tasks/5", r#"{"status": "pending", "userId": 7}"#);
        assert_eq!(answer.json()["message"], "task updated");
        let after = api.get("/tasks/5").json()["data"].take();
        assert_eq!(answer.json()["data"], after);
        for same in ["id", "title", "description", "categoryId", "category", "createdAt"] {
            assert_eq!(after[same], before[same], "{same}");
        }
        assert_eq!(
            (&after["status"], &after["userId"], &after["user"]["id"]),
            (&json!("pending"), &json!(7), &json!(7))
        );
        assert!(after["updatedAt"].as_str() > before["updatedAt"].as_str());
    });
}

#[test]
fn null_takes_the_description_and_the_category_away_and_nothing_else() {
    each_variant(|api| {
        let answer = api.put("/tasks/5", r#"{"description": null, "categoryId": null}"#).json();
        assert_eq!(
            (&answer["data"]["description"], &answer["data"]["category"]),
            (&Value::Null, &Value::Null)
        );
        assert_snapshot!(errors(&api.put("/tasks/5", r#"{"title": null, "status": null, "userId": null}"#)).join("\n"), @r#"
        "title": "must be a string"
        "status": "must be a string"
        "userId": "must be a whole number of 32 bits"
        "#);
    });
}

#[test]
fn a_change_of_nothing_is_refused() {
    each_variant(|api| {
        assert_snapshot!(api.put("/tasks/5", "{}"), @r#"
        400
        content-type: application/problem+json
        x-instance: tasks

        {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"at least one field is required","errors":[{"path":"","message":"at least one field is required"}],"message":"at least one field is required"}
        "#);
    });
}

#[test]
fn all_that_is_wrong_with_a_change_is_said_at_once() {
    each_variant(|api| {
        let wrong = r#"{"title": "", "userId": 999, "categoryId": 99, "id": 6}"#;
        assert_snapshot!(errors(&api.put("/tasks/5", wrong)).join("\n"), @r#"
        "id": "is unknown"
        "title": "must have 1 to 200 characters, and has 0"
        "userId": "no user has id 999"
        "categoryId": "no category has id 99"
        "#);
        assert_eq!(api.put("/tasks/5", r#"{"userId": 999}"#).status, 400);
    });
}

#[test]
fn a_deleted_task_is_shown_once_more_and_gone() {
    each_variant(|api| {
        let before = api.get("/tasks/5").json()["data"].take();
        let answer = api.delete("/tasks/5").json();
        assert_eq!((&answer["message"], &answer["data"]), (&json!("task deleted"), &before));
        assert_eq!(api.get("/tasks/5").status, 404);
        assert_eq!(api.delete("/tasks/5").status, 404);
    });
}
