//! Users: Diesel and nothing else.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::written::GetWritten;

use crate::{
    page::Page,
    schema::users,
    user_models::{NewUser, User, UserChange},
};

/// How many there are, and those on the page, in the order of their ids.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn list(conn: &mut AsyncPgConnection, page: &Page) -> QueryResult<(i64, Vec<User>)> {
    let total = users::table.count().get_result(conn).await?;
    let users = users::table
        .order(users::id)
        .limit(page.limit())
        .offset(page.offset())
        .select(User::as_select())
        .load(conn)
        .await?;
    Ok((total, users))
}

/// The user with this id.
///
/// # Errors
/// `NotFound` when there is none; otherwise whatever Diesel reports.
pub async fn find(conn: &mut AsyncPgConnection, id: i32) -> QueryResult<User> {
    users::table.find(id).select(User::as_select()).first(conn).await
}

/// Stores a user and returns it with its id.
///
/// # Errors
/// A unique violation when another has this email; otherwise whatever Diesel reports.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewUser) -> QueryResult<User> {
    diesel::insert_into(users::table).values(new).returning(User::as_returning()).get_written(conn).await
}

/// Changes a user and returns it as it is then.
///
/// # Errors
/// `NotFound` when there is none, a unique violation when another has this email; otherwise whatever Diesel reports.
pub async fn update(conn: &mut AsyncPgConnection, id: i32, change: &UserChange) -> QueryResult<User> {
    diesel::update(users::table.find(id)).set(change).returning(User::as_returning()).get_written(conn).await
}

/// Deletes a user and returns it as it was. The tasks stay, without a user.
///
/// # Errors
/// `NotFound` when there is none; otherwise whatever Diesel reports.
pub async fn delete(conn: &mut AsyncPgConnection, id: i32) -> QueryResult<User> {
    diesel::delete(users::table.find(id)).returning(User::as_returning()).get_written(conn).await
}
