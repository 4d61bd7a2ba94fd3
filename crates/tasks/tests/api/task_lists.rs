//! `GET /tasks`

use insta::assert_snapshot;
use serde_json::Value;

use crate::{Api, each_variant};

fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(|task| task["id"].to_string()).collect()
}

/// The ids of all pages, one after the other.
fn all(api: &Api, parameters: &str) -> Vec<String> {
    let mut found = Vec::new();
    for page in 1.. {
        let answer = api.get(&format!("/tasks?limit=70&page={page}{parameters}"));
        assert_eq!(answer.status, 200, "{answer}");
        let list = answer.json();
        found.extend(ids(&list));
        if page >= list["totalPages"].as_i64().unwrap() {
            assert_eq!(list["total"], found.len());
            break;
        }
    }
    found
}

fn expected(api: &Api, rest: &str) -> Vec<String> {
    let rows = api.database.sql(&format!("SELECT id FROM tasks {rest}"));
    rows.into_iter().flatten().flatten().collect()
}

#[test]
fn without_parameters_the_newest_ten_come() {
    each_variant(|api| {
        let mut list = api.get("/tasks").json();
        assert_eq!(ids(&list), expected(api, "ORDER BY created_at DESC, id DESC LIMIT 10"));
        list["data"].as_array_mut().unwrap().truncate(1);
        assert_snapshot!(format!("{list:#}"), @r#"
        {
          "data": [
            {
              "category": {
                "id": 2,
                "name": "Frontend"
              },
              "categoryId": 2,
              "createdAt": "2025-03-31T21:50:24.000000Z",
              "description": "It was agreed on Monday. Ask the author first. Reference caf1a3dfb505.",
              "id": 321,
              "status": "completed",
              "title": "Measure the public dashboard",
              "updatedAt": "2025-04-01T18:50:24.000000Z",
              "user": {
                "email": "radia.codd@example.org",
                "id": 153,
                "name": "Radia Codd"
              },
              "userId": 153
            }
          ],
          "limit": 10,
          "page": 1,
          "status": 200,
          "total": 1000,
          "totalPages": 100
        }
        "#);
    });
}

#[test]
fn pages_hold_every_task_once_in_either_order() {
    each_variant(|api| {
        // Tasks of the same moment must not fall between two pages.
        api.database.sql("UPDATE tasks SET created_at = '2025-02-01' WHERE id % 3 = 0");
        for (sort, direction) in
            [("", "DESC"), ("&sort=desc", "DESC"), ("&sort=ASC", "ASC"), ("&sort=Asc", "ASC")]
        {
            assert_eq!(
                all(api, sort),
                expected(api, &format!("ORDER BY created_at {direction}, id {direction}"))
            );
        }
    });
}

#[test]
fn filters_can_be_combined() {
    each_variant(|api| {
        for (parameters, condition) in [
            ("&status=pending", "status = 'pending'"),
            ("&status=in-progress", "status = 'in-progress'"),
            ("&userId=7", "user_id = 7"),
            ("&categoryId=3", "category_id = 3"),
            ("&categoryId=3&status=completed", "category_id = 3 AND status = 'completed'"),
            (
                "&userId=7&search=cache",
                "user_id = 7 AND (title ILIKE '%cache%' OR description ILIKE '%cache%')",
            ),
            ("&userId=-1", "false"),
        ] {
            let found = all(api, parameters);
            assert_eq!(
                found,
                expected(api, &format!("WHERE {condition} ORDER BY created_at DESC, id DESC")),
                "{parameters}"
            );
        }
    });
}

#[test]
fn a_page_past_the_last_is_empty_and_knows_the_total() {
    each_variant(|api| {
        for page in ["101", "1000000000", "2147483647"] {
            let list = api.get(&format!("/tasks?page={page}")).json();
            assert_eq!(
                (ids(&list).len(), &list["total"], &list["totalPages"]),
                (0, &1000.into(), &100.into()),
                "{page}"
            );
        }
    });
}

#[test]
fn an_empty_database_has_an_empty_list() {
    each_variant(|api| {
        api.database.sql("TRUNCATE tasks");
        assert_snapshot!(api.get("/tasks"), @r#"
        200
        content-type: application/json
        x-instance: tasks

        {"status":200,"total":0,"page":1,"limit":10,"totalPages":0,"data":[]}
        "#);
    });
}

#[test]
fn all_that_is_wrong_with_the_parameters_is_said_at_once() {
    each_variant(|api| {
        let wrong =
            "/tasks?page=0&limit=101&status=done&userId=8.2&categoryId=2147483648&search=&sort=up&colour=red";
        assert_snapshot!(format!("{:#}", api.get(wrong).json()), @r#"
        {
          "detail": "colour: is unknown; page: must be a whole number from 1 to 2147483647; limit: must be a whole number from 1 to 100; userId: must be a whole number from -2147483648 to 2147483647; categoryId: must be a whole number from -2147483648 to 2147483647; status: must be pending, in-progress or completed; sort: must be asc or desc; search: must have 1 to 200 characters, and has 0",
          "errors": [
            {
              "message": "is unknown",
              "path": "colour"
            },
            {
              "message": "must be a whole number from 1 to 2147483647",
              "path": "page"
            },
            {
              "message": "must be a whole number from 1 to 100",
              "path": "limit"
            },
            {
              "message": "must be a whole number from -2147483648 to 2147483647",
              "path": "userId"
            },
            {
              "message": "must be a whole number from -2147483648 to 2147483647",
              "path": "categoryId"
            },
            {
              "message": "must be pending, in-progress or completed",
              "path": "status"
            },
            {
              "message": "must be asc or desc",
              "path": "sort"
            },
            {
              "message": "must have 1 to 200 characters, and has 0",
              "path": "search"
            }
          ],
          "message": "colour: is unknown; page: must be a whole number from 1 to 2147483647; limit: must be a whole number from 1 to 100; userId: must be a whole number from -2147483648 to 2147483647; categoryId: must be a whole number from -2147483648 to 2147483647; status: must be pending, in-progress or completed; sort: must be asc or desc; search: must have 1 to 200 characters, and has 0",
          "status": 400,
          "title": "the input is not valid",
          "type": "invalid-input"
        }
        "#);
        for (parameter, values) in [
            ("page", vec!["-1", "1.0", "x", "", "2147483648", "1e9"]),
            ("limit", vec!["0", "-1", "1e9", "0x1", "%20"]),
            ("search", vec!["%00", &"x".repeat(201)]),
            ("sort", vec!["", "descending"]),
            ("status", vec!["Pending", ""]),
        ] {
            for value in values {
                assert_eq!(
                    api.get(&format!("/tasks?{parameter}={value}")).status,
                    400,
                    "{parameter}={value}"
                );
            }
        }
        assert_eq!(api.get("/tasks?page=1&page=2").status, 400);
    });
}
