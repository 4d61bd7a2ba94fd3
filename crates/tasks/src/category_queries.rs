//! Categories: Diesel and nothing else.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::written::GetWritten;

use crate::{
    category_models::{Category, NewCategory},
    page::Page,
    schema::categories,
};

/// How many there are, and those on the page, in the order of their ids.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn list(conn: &mut AsyncPgConnection, page: &Page) -> QueryResult<(i64, Vec<Category>)> {
    let total = categories::table.count().get_result(conn).await?;
    let categories = categories::table
        .order(categories::id)
        .limit(page.limit())
        .offset(page.offset())
        .select(Category::as_select())
        .load(conn)
        .await?;
    Ok((total, categories))
}

/// The category with this id.
///
/// # Errors
/// `NotFound` when there is none; otherwise whatever Diesel reports.
pub async fn find(conn: &mut AsyncPgConnection, id: i32) -> QueryResult<Category> {
    categories::table.find(id).select(Category::as_select()).first(conn).await
}

/// Stores a category and returns it with its id.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewCategory) -> QueryResult<Category> {
    diesel::insert_into(categories::table)
        .values(new)
        .returning(Category::as_returning())
        .get_written(conn)
        .await
}

/// Changes a category and returns it as it is then.
///
/// # Errors
/// `NotFound` when there is none; otherwise whatever Diesel reports.
pub async fn update(conn: &mut AsyncPgConnection, id: i32, new: &NewCategory) -> QueryResult<Category> {
    diesel::update(categories::table.find(id))
        .set(new)
        .returning(Category::as_returning())
        .get_written(conn)
        .await
}

/// Deletes a category and returns it as it was. Its tasks stay, and have none then.
///
/// # Errors
/// `NotFound` when there is none; otherwise whatever Diesel reports.
pub async fn delete(conn: &mut AsyncPgConnection, id: i32) -> QueryResult<Category> {
    diesel::delete(categories::table.find(id)).returning(Category::as_returning()).get_written(conn).await
}
