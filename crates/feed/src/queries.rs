//! Diesel and nothing else.

use diesel::{dsl::exists, prelude::*, select};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::{first_rows::FirstRows, written::GetWritten};

use crate::{
    models::{Cursor, FeedPost, NewPost, Page, Post},
    schema::{posts, users},
};

/// Posts in the feed.
const FEED_LENGTH: u32 = 20;

/// The newest posts of everybody, newest first, with the names of their authors.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn newest(conn: &mut AsyncPgConnection) -> QueryResult<Vec<FeedPost>> {
    posts::table
        .inner_join(users::table)
        .order((posts::created_at.desc(), posts::id.desc()))
        .select(FeedPost::as_select())
        .first_rows::<FEED_LENGTH>()
        .load(conn)
        .await
}

/// One user's posts before the page's cursor, newest first, and one more than the page holds.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn of_user(conn: &mut AsyncPgConnection, user_id: i64, page: &Page) -> QueryResult<Vec<Post>> {
    let posts = posts::table
        .filter(posts::user_id.eq(user_id))
        .order((posts::created_at.desc(), posts::id.desc()))
        .limit(page.limit.rows())
        .select(Post::as_select());
    match page.before {
        None => posts.load(conn).await,
        Some(Cursor { created_at, id }) => {
            let is_older = posts::created_at.lt(created_at);
            let is_as_old = posts::created_at.eq(created_at).and(posts::id.lt(id));
            posts.filter(is_older.or(is_as_old)).load(conn).await
        }
    }
}

/// Whether there is such a user.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn user_exists(conn: &mut AsyncPgConnection, id: i64) -> QueryResult<bool> {
    select(exists(users::table.find(id))).get_result(conn).await
}

/// Stores a post and returns it with its id and its time.
///
/// # Errors
/// A foreign key violation when there is no such user; otherwise whatever Diesel reports.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewPost) -> QueryResult<Post> {
    diesel::insert_into(posts::table).values(new).returning(Post::as_returning()).get_written(conn).await
}
