//! Tasks: Diesel and nothing else.

use diesel::{
    dsl::{exists, now},
    pg::Pg,
    prelude::*,
    select,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use shared::written::GetWritten;

use crate::{
    filter::{Filter, Sort},
    schema::{categories, tasks, users},
    task_models::{NewTask, Task, TaskChange},
};

/// How many tasks match, and those on the filter's page.
///
/// One round trip; two more for a search, which begins with the names, and one more where that page does not say how many
/// there are: a full one of a search, and one past the last.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn list(conn: &mut AsyncPgConnection, filter: &Filter) -> QueryResult<(i64, Vec<Task>)> {
    let search = match &filter.search {
        Some(text) => Some(Search::prepare(conn, text).await?),
        None => None,
    };
    let matching = || matching(filter, search.as_ref());
    let page = matching()
        .left_join(users::table)
        .left_join(categories::table)
        .limit(filter.page.limit())
        .offset(filter.page.offset());
    // Several tasks can be of the same microsecond; their ids keep them on one page only.
    let page = match filter.sort {
        Sort::Ascending => page.order((tasks::created_at.asc(), tasks::id.asc())),
        Sort::Descending => page.order((tasks::created_at.desc(), tasks::id.desc())),
    };
    let (counted, tasks) = if search.is_some() {
        // Looking is what a search costs: it does not look again to count what is all on this page.
        (None, page.select(Task::as_select()).load(conn).await?)
    } else {
        let total_and_task = (matching().count().single_value(), Task::as_select());
        let rows: Vec<(Option<i64>, Task)> = page.select(total_and_task).load(conn).await?;
        let (totals, tasks): (Vec<_>, Vec<Task>) = rows.into_iter().unzip();
        (totals.into_iter().flatten().next(), tasks)
    };
    let (found, before) = (tasks.len() as i64, filter.page.offset());
    let is_end = found < filter.page.limit() && (found > 0 || before == 0);
    let total = match counted {
        Some(total) => total,
        None if is_end => before + found,
        None => matching().count().get_result(conn).await?,
    };
    Ok((total, tasks))
}

/// The task with this id.
///
/// # Errors
/// `NotFound` when there is none; otherwise whatever Diesel reports.
pub async fn find(conn: &mut AsyncPgConnection, id: i32) -> QueryResult<Task> {
    tasks::table
        .find(id)
        .left_join(users::table)
        .left_join(categories::table)
        .select(Task::as_select())
        .first(conn)
        .await
}

/// Stores a task and returns it as it is then. Two statements in one transaction.
///
/// # Errors
/// A foreign key violation when its user or its category does not exist; otherwise whatever Diesel reports.
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewTask) -> QueryResult<Task> {
    conn.transaction(async |conn| {
        let id = diesel::insert_into(tasks::table).values(new).returning(tasks::id).get_written(conn).await?;
        find(conn, id).await
    })
    .await
}

/// Changes a task and returns it as it is then. Two statements in one transaction.
///
/// # Errors
/// `NotFound` when there is none, a foreign key violation when its new user or category does not exist; otherwise
/// whatever Diesel reports.
pub async fn update(conn: &mut AsyncPgConnection, id: i32, change: &TaskChange) -> QueryResult<Task> {
    conn.transaction(async |conn| {
        diesel::update(tasks::table.find(id))
            .set((change, tasks::updated_at.eq(now)))
            .returning(tasks::id)
            .get_written::<i32>(conn)
            .await?;
        find(conn, id).await
    })
    .await
}

/// Deletes a task and returns it as it was. Two statements in one transaction.
///
/// # Errors
/// `NotFound` when there is none; otherwise whatever Diesel reports.
pub async fn delete(conn: &mut AsyncPgConnection, id: i32) -> QueryResult<Task> {
    conn.transaction(async |conn| {
        let task = find(conn, id).await?;
        diesel::delete(tasks::table.find(id)).returning(tasks::id).get_written::<i32>(conn).await?;
        Ok(task)
    })
    .await
}

/// Whether there are such a user and such a category.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn exist(
    conn: &mut AsyncPgConnection,
    user_id: i32,
    category_id: i32,
) -> QueryResult<(bool, bool)> {
    let user = exists(users::table.find(user_id));
    let category = exists(categories::table.find(category_id));
    select((user, category)).get_result(conn).await
}

/// What a search looks for: a text, and the people and categories that have it in their names.
///
/// They are asked for first. Within the query itself PostgreSQL could only guess how many there are, guesses too many,
/// and reads the whole table; a search for a rare word over 100,000 tasks then takes 370 ms in place of 1.
struct Search {
    pattern: String,
    users: Vec<i32>,
    categories: Vec<i32>,
}

impl Search {
    async fn prepare(conn: &mut AsyncPgConnection, text: &str) -> QueryResult<Self> {
        let pattern = format!("%{}%", text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_"));
        let users = users::table.filter(users::name.ilike(&pattern)).select(users::id).load(conn).await?;
        let categories = categories::table
            .filter(categories::name.ilike(&pattern))
            .select(categories::id)
            .load(conn)
            .await?;
        Ok(Self { pattern, users, categories })
    }
}

/// The tasks that match, in no order.
fn matching<'a>(filter: &Filter, search: Option<&'a Search>) -> tasks::BoxedQuery<'a, Pg> {
    let mut query = tasks::table.into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(tasks::status.eq(status));
    }
    if let Some(id) = filter.user_id {
        query = query.filter(tasks::user_id.eq(id));
    }
    if let Some(id) = filter.category_id {
        query = query.filter(tasks::category_id.eq(id));
    }
    if let Some(Search { pattern, users, categories }) = search {
        let is_in_text = tasks::title.ilike(pattern).or(tasks::description.ilike(pattern));
        let is_in_name = tasks::user_id.eq_any(users).or(tasks::category_id.eq_any(categories));
        query = query.filter(is_in_text.or(is_in_name));
    }
    query
}
