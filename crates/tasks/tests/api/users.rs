//! `/users`

use insta::assert_snapshot;
use serde_json::{Value, json};
use testkit::Answer;

use crate::{Api, each_variant};

fn create(api: &Api, user: Value) -> Answer {
    api.post("/users", &user.to_string())
}

fn stored_password(api: &Api, id: &Value) -> String {
    api.database.sql(&format!("SELECT password FROM users WHERE id = {id}")).remove(0).remove(0).unwrap()
}

#[test]
fn a_user_is_created_and_shown_without_the_password() {
    each_variant(|api| {
        let answer = create(api, json!({ "name": "Zoe", "email": "zoe@example.org", "password": "123456" }));
        assert_snapshot!(answer, @r#"
        201
        content-type: application/json
        x-instance: tasks

        {"status":201,"message":"user created","data":{"id":201,"name":"Zoe","email":"zoe@example.org"}}
        "#);
        assert_snapshot!(api.get("/users/201"), @r#"
        200
        content-type: application/json
        x-instance: tasks

        {"status":200,"data":{"id":201,"name":"Zoe","email":"zoe@example.org"}}
        "#);
    });
}

#[test]
fn a_password_is_stored_as_argon2id_with_a_salt_of_its_own() {
    each_variant(|api| {
        let ids: Vec<_> = ["a", "b"]
            .iter()
            .map(|name| {
                let user =
                    json!({ "name": name, "email": format!("{name}@example.org"), "password": "the same" });
                create(api, user).json()["data"]["id"].clone()
            })
            .collect();
        let hashes: Vec<_> = ids.iter().map(|id| stored_password(api, id)).collect();
        assert!(hashes.iter().all(|hash| hash.starts_with("$argon2id$v=19$m=7168,t=5,p=1$")), "{hashes:?}");
        assert_ne!(hashes[0], hashes[1]);
        // Another name leaves it, another password does not.
        api.put(&format!("/users/{}", ids[0]), r#"{"name": "c"}"#);
        assert_eq!(stored_password(api, &ids[0]), hashes[0]);
        api.put(&format!("/users/{}", ids[0]), r#"{"password": "another"}"#);
        assert_ne!(stored_password(api, &ids[0]), hashes[0]);
    });
}

#[test]
fn an_email_belongs_to_one_user() {
    each_variant(|api| {
        let taken = json!({ "name": "Ada", "email": "ada.allen@example.org", "password": "123456" });
        assert_snapshot!(create(api, taken), @r#"
        409
        content-type: application/problem+json
        x-instance: tasks

        {"type":"conflict","title":"a rule of the data forbids it","status":409,"detail":"another user has this email","errors":[{"path":"email","message":"another user has this email"}],"message":"another user has this email"}
        "#);
        assert_eq!(api.put("/users/2", r#"{"email": "ada.allen@example.org"}"#).status, 409);
        assert_eq!(api.put("/users/1", r#"{"email": "ada.allen@example.org"}"#).status, 200);
    });
}

#[test]
fn all_that_is_wrong_with_a_user_is_said_at_once() {
    each_variant(|api| {
        let answer = create(api, json!({ "email": "nobody", "password": "12345", "admin": true }));
        assert_snapshot!(format!("{:#}", answer.json()["errors"]), @r#"
        [
          {
            "message": "is unknown",
            "path": "admin"
          },
          {
            "message": "is required",
            "path": "name"
          },
          {
            "message": "must be an email address",
            "path": "email"
          },
          {
            "message": "must have 6 to 128 characters, and has 5",
            "path": "password"
          }
        ]
        "#);
        assert_eq!(answer.status, 400);
        for (password, status) in
            [("123456", 201), ("x".repeat(128).as_str(), 201), ("x".repeat(129).as_str(), 400)]
        {
            let email = format!("{}@example.org", password.len());
            let answer = create(api, json!({ "name": "x", "email": email, "password": password }));
            assert_eq!(answer.status, status, "{answer}");
        }
        for email in
            ["", "@", "a@", "@b", "a b@c.org", "a@b@c.org", "Ada <a@b.org>", "a@-b.org", "a@[127.0.0.1]"]
        {
            let answer = create(api, json!({ "name": "x", "email": email, "password": "123456" }));
            assert_eq!(answer.status, 400, "{email}");
        }
    });
}

#[test]
fn users_come_in_the_order_of_their_ids_page_by_page() {
    each_variant(|api| {
        api.put("/users/1", r#"{"name": "Zoe"}"#);
        let mut found = Vec::new();
        for page in 1..=3 {
            let list = api.get(&format!("/users?limit=90&page={page}")).json();
            assert_eq!((&list["total"], &list["totalPages"]), (&json!(200), &json!(3)));
            found.extend(list["data"].as_array().unwrap().iter().map(|user| user["id"].as_u64().unwrap()));
        }
        assert_eq!(found, (1..=200).collect::<Vec<_>>());
        for wrong in ["limit=0", "limit=101", "page=0", "sort=asc", "page=1&page=1"] {
            assert_eq!(api.get(&format!("/users?{wrong}")).status, 400, "{wrong}");
        }
    });
}

#[test]
fn the_tasks_of_a_deleted_user_stay_and_are_nobodys() {
    each_variant(|api| {
        let tasks = "SELECT count(*) FROM tasks WHERE user_id";
        let of_7 = api.database.sql(&format!("{tasks} = 7")).remove(0);
        assert_snapshot!(api.delete("/users/7"), @r#"
        200
        content-type: application/json
        x-instance: tasks

        {"status":200,"message":"user deleted","data":{"id":7,"name":"Ada Goldberg","email":"ada.goldberg@example.org"}}
        "#);
        assert_eq!(api.database.sql(&format!("{tasks} IS NULL")).remove(0), of_7);
        let task = api.get("/tasks?limit=1&userId=7").json();
        assert_eq!(task["total"], 0);
        assert_eq!(api.get("/users/7").status, 404);
        let id = api
            .database
            .sql("SELECT id FROM tasks WHERE user_id IS NULL LIMIT 1")
            .remove(0)
            .remove(0)
            .unwrap();
        let task = api.get(&format!("/tasks/{id}")).json();
        assert_eq!((&task["data"]["userId"], &task["data"]["user"]), (&Value::Null, &Value::Null));
    });
}

#[test]
fn the_domain_of_an_email_is_the_same_in_capitals_and_what_is_before_it_is_not() {
    each_variant(|api| {
        let user = |email: &str| json!({ "name": "Ada", "email": email, "password": "123456" });
        assert_eq!(create(api, user("ada.allen@EXAMPLE.ORG")).status, 409);
        assert_eq!(api.put("/users/2", r#"{"email": "ada.allen@Example.Org"}"#).status, 409);
        let other = create(api, user("Ada.Allen@Example.org"));
        assert_eq!((other.status, &other.json()["data"]["email"]), (201, &json!("Ada.Allen@example.org")));
        assert_eq!(api.put("/users/1", r#"{"email": "ada.allen@EXAMPLE.org"}"#).status, 200, "it is her own");
        assert_eq!(create(api, user("new@EXAMPLE.ORG")).json()["data"]["email"], "new@example.org");
        assert_eq!(create(api, user("new@example.org")).status, 409);
    });
}
