//! `POST /tasks` and `GET /tasks/{id}`

use insta::assert_snapshot;
use serde_json::{Value, json};
use testkit::Answer;

use crate::{Api, each_variant};

/// Status and body, without the times.
fn shown(answer: &Answer) -> String {
    let mut json = answer.json();
    for time in ["createdAt", "updatedAt"] {
        if let Some(time) = json["data"].get_mut(time) {
            assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
            *time = Value::from("…");
        }
    }
    format!("{}\n{json:#}", answer.status)
}

/// What is wrong with the input, in the answer's own words.
pub fn errors(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 400, "{answer}");
    let problem = answer.json();
    assert_eq!(problem["message"], problem["detail"]);
    let errors = problem["errors"].as_array().unwrap().clone();
    errors.iter().map(|error| format!("{}: {}", error["path"], error["message"])).collect()
}

fn create(api: &Api, task: Value) -> Answer {
    api.post("/tasks", &task.to_string())
}

#[test]
fn a_task_is_created_with_its_user_and_its_category() {
    each_variant(|api| {
        let new = json!({ "title": "Ship it", "description": "", "status": "in-progress", "userId": 3, "categoryId": 2 });
        assert_snapshot!(shown(&create(api, new)), @r#"
        201
        {
          "data": {
            "category": {
              "id": 2,
              "name": "Frontend"
            },
            "categoryId": 2,
            "createdAt": "…",
            "description": "",
            "id": 1001,
            "status": "in-progress",
            "title": "Ship it",
            "updatedAt": "…",
            "user": {
              "email": "ada.codd@example.org",
              "id": 3,
              "name": "Ada Codd"
            },
            "userId": 3
          },
          "message": "task created",
          "status": 201
        }
        "#);
        assert_snapshot!(shown(&create(api, json!({ "title": "Plain", "userId": 1 }))), @r#"
        201
        {
          "data": {
            "category": null,
            "categoryId": null,
            "createdAt": "…",
            "description": null,
            "id": 1002,
            "status": "pending",
            "title": "Plain",
            "updatedAt": "…",
            "user": {
              "email": "ada.allen@example.org",
              "id": 1,
              "name": "Ada Allen"
            },
            "userId": 1
          },
          "message": "task created",
          "status": 201
        }
        "#);
    });
}

#[test]
fn a_task_is_shown() {
    each_variant(|api| {
        assert_snapshot!(format!("{:#}", api.get("/tasks/5").json()), @r#"
        {
          "data": {
            "category": {
              "id": 4,
              "name": "Operations"
            },
            "categoryId": 4,
            "createdAt": "2025-02-23T13:12:00.000000Z",
            "description": "A customer asked for it. Write down what you find. Reference e4da3b7fbbce.",
            "id": 5,
            "status": "in-progress",
            "title": "Test the nightly load balancer",
            "updatedAt": "2025-02-23T18:12:00.000000Z",
            "user": {
              "email": "radia.floyd@example.org",
              "id": 156,
              "name": "Radia Floyd"
            },
            "userId": 156
          },
          "status": 200
        }
        "#);
    });
}

#[test]
fn what_is_not_there_is_a_404() {
    each_variant(|api| {
        assert_snapshot!(api.get("/tasks/1001"), @r#"
        404
        content-type: application/problem+json
        x-instance: tasks

        {"type":"not-found","title":"not found","status":404,"detail":"no task has id 1001","message":"no task has id 1001"}
        "#);
        for id in ["0", "-1", "2147483647"] {
            assert_eq!(api.get(&format!("/tasks/{id}")).status, 404, "{id}");
        }
        assert_eq!(api.put("/tasks/1001", r#"{"title": "x"}"#).status, 404);
        assert_eq!(api.delete("/tasks/1001").status, 404);
    });
}

#[test]
fn what_is_no_id_is_a_400() {
    each_variant(|api| {
        for id in
            ["abc", "1.0", "8.2", "0x1", "1e3", "2147483648", "-2147483649", "9223372036854775808", "%20"]
        {
            for answer in [
                api.get(&format!("/tasks/{id}")),
                api.put(&format!("/tasks/{id}"), r#"{"title": "x"}"#),
                api.delete(&format!("/tasks/{id}")),
            ] {
                assert_eq!(answer.status, 400, "{id}: {answer}");
                assert!(answer.json()["message"].is_string());
            }
        }
    });
}

#[test]
fn all_that_is_wrong_with_a_new_task_is_said_at_once() {
    each_variant(|api| {
        let wrong =
            json!({ "description": 5, "status": "done", "userId": "8.2", "categoryId": 99, "colour": "red" });
        assert_snapshot!(errors(&create(api, wrong)).join("\n"), @r#"
        "colour": "is unknown"
        "title": "is required"
        "description": "must be a string"
        "status": "must be pending, in-progress or completed"
        "userId": "must be a whole number of 32 bits"
        "categoryId": "no category has id 99"
        "#);
        let wrong = json!({ "title": "", "userId": 999, "categoryId": 99 });
        assert_snapshot!(errors(&create(api, wrong)).join("\n"), @r#"
        "title": "must have 1 to 200 characters, and has 0"
        "userId": "no user has id 999"
        "categoryId": "no category has id 99"
        "#);
        // The checks pass, and the database refuses.
        let wrong = json!({ "title": "x", "userId": 999, "categoryId": 99 });
        assert_snapshot!(create(api, wrong), @r#"
        400
        content-type: application/problem+json
        x-instance: tasks

        {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"userId: no user has id 999; categoryId: no category has id 99","errors":[{"path":"userId","message":"no user has id 999"},{"path":"categoryId","message":"no category has id 99"}],"message":"userId: no user has id 999; categoryId: no category has id 99"}
        "#);
    });
}

#[test]
fn lengths_are_counted_in_characters() {
    each_variant(|api| {
        for (title, description, status) in [
            ("🦀".repeat(200), "🦀".repeat(1000), 201),
            ("x".repeat(201), String::new(), 400),
            ("x".into(), "x".repeat(1001), 400),
        ] {
            let answer = create(api, json!({ "title": title, "description": description, "userId": 1 }));
            assert_eq!(answer.status, status, "{answer}");
        }
    });
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    each_variant(|api| {
        for body in [
            "",
            "{",
            "[]",
            "null",
            "5",
            r#""x""#,
            r#"{"title": "x", "userId": 1}}"#,
            r#"{"title": "a", "title": "b", "userId": 1}"#,
        ] {
            let answer = api.post("/tasks", body);
            assert_eq!(answer.status, 400, "{body}: {answer}");
            assert!(answer.json()["message"].is_string());
        }
    });
}
