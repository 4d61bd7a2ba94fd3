//! Diesel and nothing else.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{
    models::FeedPost,
    schema::{posts, users},
};

/// Posts in the feed.
const FEED_LENGTH: i64 = 20;

/// The newest posts of all users.
pub async fn newest(conn: &mut AsyncPgConnection) -> QueryResult<Vec<FeedPost>> {
    posts::table
        .inner_join(users::table)
        .order((posts::created_at.desc(), posts::id.desc()))
        .limit(FEED_LENGTH)
        .select(FeedPost::as_select())
        .load(conn)
        .await
}
