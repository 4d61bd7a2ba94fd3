//! Whatever is done, and in whatever order, the API is as a model of it in memory would be.
//!
//! 16 lives of 50 steps per variant; `MODEL_CASES=256` makes it 256.

use std::collections::BTreeMap;

use proptest::{
    collection::vec,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use crate::{
    Api, POSTGRES, VARIANTS,
    steps::{Step, delete, expect, id_of, rename, step},
};

struct Task {
    title: String,
    description: Option<String>,
    status: &'static str,
    user: Option<i64>,
    category: Option<i64>,
}

/// What the API should hold.
#[derive(Default)]
struct Model {
    users: BTreeMap<i64, String>,
    categories: BTreeMap<i64, String>,
    tasks: BTreeMap<i64, Task>,
    emails: usize,
}

impl Model {
    /// Does the step to both, and compares.
    fn take(&mut self, api: &Api, step: &Step) {
        match step {
            Step::CreateUser(name) => {
                self.emails += 1;
                let user = json!({ "name": name, "email": format!("{}@example.org", self.emails), "password": "secret" });
                let user = expect(&api.post("/users", &user.to_string()), 201);
                self.users.insert(user["data"]["id"].as_i64().unwrap(), name.clone());
            }
            Step::CreateCategory(name) => {
                let category = expect(&api.post("/categories", &json!({ "name": name }).to_string()), 201);
                self.categories.insert(category["data"]["id"].as_i64().unwrap(), name.clone());
            }
            Step::RenameUser(user, name) => rename(api, "users", &mut self.users, *user, name),
            Step::RenameCategory(category, name) => {
                rename(api, "categories", &mut self.categories, *category, name)
            }
            Step::DeleteUser(user) => {
                let id = delete(api, "users", &mut self.users, *user);
                self.tasks
                    .values_mut()
                    .filter(|task| task.user == Some(id))
                    .for_each(|task| task.user = None);
            }
            Step::DeleteCategory(category) => {
                let id = delete(api, "categories", &mut self.categories, *category);
                self.tasks
                    .values_mut()
                    .filter(|task| task.category == Some(id))
                    .for_each(|task| task.category = None);
            }
            Step::DeleteTask(task) => drop(delete(api, "tasks", &mut self.tasks, *task)),
            Step::ShowTask(task) => {
                let id = id_of(&self.tasks, *task);
                let answer = api.get(&format!("/tasks/{id}"));
                match self.tasks.get(&id) {
                    Some(task) => self.assert_is(task, &expect(&answer, 200)["data"]),
                    None => drop(expect(&answer, 404)),
                }
            }
            Step::CreateTask { title, description, status, user, category } => {
                let user = id_of(&self.users, *user);
                let category = category.map(|category| id_of(&self.categories, category));
                let mut body = json!({ "title": title, "description": description, "userId": user, "categoryId": category });
                if let Some(status) = status {
                    body["status"] = json!(status);
                }
                let answer = api.post("/tasks", &body.to_string());
                if !self.exist(Some(user), category) {
                    expect(&answer, 400);
                    return;
                }
                let task = Task {
                    title: title.clone(),
                    description: description.clone(),
                    status: status.unwrap_or("pending"),
                    user: Some(user),
                    category,
                };
                let answer = expect(&answer, 201);
                self.assert_is(&task, &answer["data"]);
                self.tasks.insert(answer["data"]["id"].as_i64().unwrap(), task);
            }
            Step::ChangeTask { task, title, status, user, category } => {
                let id = id_of(&self.tasks, *task);
                let user = user.map(|user| id_of(&self.users, user));
                let category =
                    category.map(|category| category.map(|category| id_of(&self.categories, category)));
                let mut body = json!({});
                for (name, value) in [
                    ("title", title.as_ref().map(|title| json!(title))),
                    ("status", status.map(|status| json!(status))),
                    ("userId", user.map(|user| json!(user))),
                    ("categoryId", category.map(|category| json!(category))),
                ] {
                    if let Some(value) = value {
                        body[name] = value;
                    }
                }
                let answer = api.put(&format!("/tasks/{id}"), &body.to_string());
                if body == json!({}) {
                    expect(&answer, 400);
                } else if !self.tasks.contains_key(&id) {
                    expect(&answer, 404);
                } else if !self.exist(user, category.flatten()) {
                    expect(&answer, 400);
                } else {
                    let task = self.tasks.get_mut(&id).unwrap();
                    task.title = title.clone().unwrap_or(task.title.clone());
                    task.status = status.unwrap_or(task.status);
                    task.user = user.or(task.user);
                    task.category = category.unwrap_or(task.category);
                    self.assert_is(&self.tasks[&id], &expect(&answer, 200)["data"]);
                }
            }
            Step::List { search, status, user, category, ascending, page, limit } => {
                let user = user.map(|user| id_of(&self.users, user));
                let category = category.map(|category| id_of(&self.categories, category));
                let mut path = format!(
                    "/tasks?page={page}&limit={limit}&sort={}",
                    if *ascending { "asc" } else { "desc" }
                );
                if let Some(text) = search {
                    path += &format!(
                        "&search={}",
                        text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>()
                    );
                }
                if let Some(status) = status {
                    path += &format!("&status={status}");
                }
                if let Some(id) = user {
                    path += &format!("&userId={id}");
                }
                if let Some(id) = category {
                    path += &format!("&categoryId={id}");
                }
                let matches = |(_, task): &(&i64, &Task)| {
                    status.is_none_or(|status| task.status == status)
                        && user.is_none_or(|id| task.user == Some(id))
                        && category.is_none_or(|id| task.category == Some(id))
                        && search
                            .as_ref()
                            .is_none_or(|text| self.texts_of(task).contains(&text.to_lowercase()))
                };
                // Ids are given in the order of creation.
                let mut expected: Vec<_> = self.tasks.iter().filter(matches).collect();
                if !ascending {
                    expected.reverse();
                }
                let list = expect(&api.get(&path), 200);
                assert_eq!(list["total"], expected.len(), "{path}");
                assert_eq!(list["totalPages"], expected.len().div_ceil(*limit), "{path}");
                let expected: Vec<_> = expected.into_iter().skip((page - 1) * limit).take(*limit).collect();
                let found = list["data"].as_array().unwrap();
                assert_eq!(
                    found.iter().map(|task| task["id"].as_i64().unwrap()).collect::<Vec<_>>(),
                    expected.iter().map(|(id, _)| **id).collect::<Vec<_>>(),
                    "{path}"
                );
                for ((_, task), found) in expected.iter().zip(found) {
                    self.assert_is(task, found);
                }
            }
        }
    }

    fn exist(&self, user: Option<i64>, category: Option<i64>) -> bool {
        user.is_none_or(|id| self.users.contains_key(&id))
            && category.is_none_or(|id| self.categories.contains_key(&id))
    }

    /// All that a search looks at, in small letters. No search has a line break in it.
    fn texts_of(&self, task: &Task) -> String {
        let user = task.user.map(|id| self.users[&id].as_str());
        let category = task.category.map(|id| self.categories[&id].as_str());
        [Some(task.title.as_str()), task.description.as_deref(), user, category]
            .map(Option::unwrap_or_default)
            .join("\n")
            .to_lowercase()
    }

    fn assert_is(&self, task: &Task, found: &Value) {
        assert_eq!(found["title"], task.title);
        assert_eq!(found["description"], json!(task.description));
        assert_eq!(found["status"], task.status);
        assert_eq!((&found["userId"], &found["categoryId"]), (&json!(task.user), &json!(task.category)));
        assert_eq!(found["user"]["name"], json!(task.user.map(|id| &self.users[&id])));
        assert_eq!(found["category"]["name"], json!(task.category.map(|id| &self.categories[&id])));
    }
}

#[test]
fn whatever_is_done_the_api_is_as_its_model() {
    let cases = std::env::var("MODEL_CASES").ok().map_or(16, |cases| cases.parse().unwrap());
    for variant in VARIANTS {
        let api = Api::on(variant, POSTGRES.database("empty"));
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
        let result = TestRunner::new(config).run(&vec(step(), 50), |steps| {
            api.database.sql("TRUNCATE users, categories, tasks");
            let mut model = Model::default();
            // The first write through the API, after which no copy of the life before is left.
            model.take(&api, &Step::CreateUser("first".to_owned()));
            steps.iter().for_each(|step| model.take(&api, step));
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{variant}: {error}"));
    }
}
