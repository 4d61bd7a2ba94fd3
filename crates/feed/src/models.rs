//! Rows, and the shapes of requests and answers.

use chrono::{DateTime, Utc};
use diesel::{Queryable, Selectable};
use serde::Serialize;

/// The newest posts, newest first.
#[derive(Serialize)]
pub struct Feed {
    pub posts: Vec<FeedPost>,
}

/// A post with the name of who wrote it.
#[derive(Queryable, Selectable, Serialize)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[serde(rename_all = "camelCase")]
pub struct FeedPost {
    #[diesel(select_expression = crate::schema::posts::id)]
    pub id: i64,
    #[diesel(select_expression = crate::schema::users::username)]
    pub username: String,
    #[diesel(select_expression = crate::schema::posts::content)]
    pub content: String,
    #[diesel(select_expression = crate::schema::posts::created_at)]
    pub created_at: DateTime<Utc>,
}
