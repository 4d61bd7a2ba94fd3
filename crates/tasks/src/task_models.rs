//! Tasks: their rows and answers, and the checks of what comes in.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{AsChangeset, Insertable, Queryable, Selectable};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use shared::{
    checks::{Checks, Field, any, nfc, nullable, text},
    timestamp::rfc3339,
};
use utoipa::ToSchema;

use crate::{category_models::Category, schema::tasks, status::Status, user_models::User};

/// A task, with whose it is and what it is sorted into. Both are null once they are deleted.
#[derive(Queryable, Selectable, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    #[diesel(embed)]
    #[serde(flatten)]
    pub row: TaskRow,
    #[diesel(embed)]
    #[schema(required)]
    pub user: Option<User>,
    #[diesel(embed)]
    #[schema(required)]
    pub category: Option<Category>,
}

/// A row of `tasks`.
#[derive(Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = tasks)]
#[serde(rename_all = "camelCase")]
pub struct TaskRow {
    pub id: i32,
    #[schema(example = "Fix the login page")]
    pub title: String,
    #[schema(required)]
    pub description: Option<String>,
    pub status: Status,
    #[schema(required)]
    pub user_id: Option<i32>,
    #[schema(required)]
    pub category_id: Option<i32>,
    #[serde(serialize_with = "rfc3339")]
    pub created_at: DateTime<Utc>,
    #[serde(serialize_with = "rfc3339")]
    pub updated_at: DateTime<Utc>,
}

/// The body of `POST /tasks`, not checked yet.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskInput {
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 200, pattern = "^[^\\u0000]*$", example = "Fix the login page")]
    title: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 1000, pattern = "^[^\\u0000]*$", example = "It answers 404.")]
    description: Field<Option<String>>,
    #[serde(default)]
    #[schema(value_type = Option<Status>, nullable = false)]
    status: Field<Status>,
    #[serde(default)]
    #[schema(value_type = i32, required, example = 1)]
    user_id: Field<i32>,
    #[serde(default)]
    #[schema(value_type = Option<i32>, example = 1)]
    category_id: Field<Option<i32>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: BTreeMap<String, IgnoredAny>,
}

/// The body of `PUT /tasks/{id}`, not checked yet: what is not there stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(min_properties = 1)]
pub struct TaskChangeInput {
    #[serde(default)]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 200, pattern = "^[^\\u0000]*$", example = "Fix the sign-up page")]
    title: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 1000, pattern = "^[^\\u0000]*$", example = "It answers 500.")]
    description: Field<Option<String>>,
    #[serde(default)]
    #[schema(value_type = Option<Status>, nullable = false)]
    status: Field<Status>,
    #[serde(default)]
    #[schema(value_type = Option<i32>, nullable = false, example = 2)]
    user_id: Field<i32>,
    #[serde(default)]
    #[schema(value_type = Option<i32>, example = 2)]
    category_id: Field<Option<i32>>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: BTreeMap<String, IgnoredAny>,
}

/// A task that may be stored, if its user and its category exist. The database adds its id and its times.
#[derive(Insertable)]
#[diesel(table_name = tasks)]
pub struct NewTask {
    pub title: String,
    pub description: Option<String>,
    pub status: Status,
    /// `None` only when the checks did not pass.
    pub user_id: Option<i32>,
    pub category_id: Option<i32>,
}

/// What is to change of a task. `None` stays as it is, `Some(None)` becomes null.
#[derive(AsChangeset)]
#[diesel(table_name = tasks)]
pub struct TaskChange {
    pub title: Option<String>,
    pub description: Option<Option<String>>,
    pub status: Option<Status>,
    pub user_id: Option<i32>,
    pub category_id: Option<Option<i32>>,
}

fn nfc_or_null(text: Option<String>) -> Option<String> {
    text.map(nfc)
}

impl NewTask {
    /// Takes `input` apart; what is wrong with it is in the [`Checks`]. Whether its user and its category exist, only
    /// the database knows.
    pub fn check(input: TaskInput) -> (Self, Checks) {
        let mut checks = Checks::new(input.unknown);
        let new = Self {
            title: checks.required("title", input.title.map(nfc), text(1..=200)).unwrap_or_default(),
            description: checks
                .optional("description", input.description.map(nfc_or_null), nullable(text(0..=1000)))
                .flatten(),
            status: checks.optional("status", input.status, any()).unwrap_or_default(),
            user_id: checks.required("userId", input.user_id, any()),
            category_id: checks.optional("categoryId", input.category_id, any()).flatten(),
        };
        (new, checks)
    }
}

impl TaskChange {
    /// As [`NewTask::check`].
    pub fn check(input: TaskChangeInput) -> (Self, Checks) {
        let mut checks = Checks::new(input.unknown);
        let change = Self {
            title: checks.optional("title", input.title.map(nfc), text(1..=200)),
            description: checks.optional(
                "description",
                input.description.map(nfc_or_null),
                nullable(text(0..=1000)),
            ),
            status: checks.optional("status", input.status, any()),
            user_id: checks.optional("userId", input.user_id, any()),
            category_id: checks.optional("categoryId", input.category_id, any()),
        };
        let is_something = change.title.is_some()
            || change.description.is_some()
            || change.status.is_some()
            || change.user_id.is_some()
            || change.category_id.is_some();
        checks.at_least_one(is_something);
        (change, checks)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use testkit::damaged::damaged;

    use super::*;
    use crate::filter::{Filter, FilterInput};

    #[test]
    fn a_text_that_its_normal_form_makes_longer_is_counted_in_that_form() {
        // A letter that is two code points in form C.
        for (letters, is_right) in [(100, true), (101, false)] {
            let title = "\u{958}".repeat(letters);
            let input = TaskChangeInput { title: Field::Is(title), ..serde_json::from_str("{}").unwrap() };
            assert_eq!(TaskChange::check(input).1.passed(), is_right, "{letters}");
        }
    }

    proptest! {
        #[test]
        fn a_damaged_request_is_read_or_refused_and_what_is_read_can_be_stored(
            query in damaged(vec!["page=1&limit=10&status=pending&userId=1&search=a%20b&sort=asc".to_owned()]),
            body in damaged(vec![r#"{"title": "Fix it", "description": null, "status": "pending", "userId": 1}"#.to_owned()]),
        ) {
            let filter = shared::input::params::<FilterInput>(&query).and_then(Filter::try_from);
            if let Ok(Filter { search: Some(search), .. }) = filter {
                prop_assert!((1..=200).contains(&search.chars().count()));
            }
            if let Ok(input) = shared::input::parse::<TaskInput>(body.as_bytes()) {
                let (task, checks) = NewTask::check(input);
                prop_assert!(!checks.passed() || (1..=200).contains(&task.title.chars().count()));
                prop_assert!(task.description.is_none_or(|text| text.chars().count() <= 1_000));
            }
        }
    }
}
