//! `/tasks`: one function per route.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use diesel::{
    OptionalExtension, QueryResult,
    result::{DatabaseErrorKind::ForeignKeyViolation, Error::DatabaseError},
};
use shared::{
    checks::Checks,
    input::{Body, Id, Params},
    pool::{Connection, Pool},
    problem::Problem,
};

use crate::{
    cached::Cached,
    envelope::{List, One},
    filter::{Filter, FilterInput},
    list_body::ListBody,
    task_models::{NewTask, Task, TaskChange, TaskChangeInput, TaskInput},
    task_queries as queries,
};

/// One page of the tasks that match, from a cache or from the database. No two pages have a task in common.
#[utoipa::path(get, path = "/tasks", tag = "tasks", operation_id = "listTasks", params(FilterInput),
    responses(
        (status = 200, description = "A page.", body = List<Task>, headers(
            ("X-Cache", description = "`hit`: from a copy; `miss`: from the database; `bypass`: there is no cache now."),
            ("ETag", description = "The name of this page as it is."))),
        (status = 304, description = "It is what `If-None-Match` says.")))]
pub async fn list(
    req: HttpRequest,
    db: Data<Pool>,
    cached: Data<Cached>,
    Params(input): Params<FilterInput>,
) -> Result<HttpResponse, Problem> {
    let filter = Filter::try_from(input)?;
    // In a box, since it is 27 KB: a place for each of the queries that it may make.
    let fetch = Box::pin(async {
        let mut conn = db.connection().await?;
        let (total, tasks) = queries::list(&mut conn, &filter).await?;
        ListBody::of(&List::of(&filter.page, total, tasks))
    });
    cached.list(&req, &filter, fetch).await
}

/// One task.
#[utoipa::path(get, path = "/tasks/{id}", tag = "tasks", operation_id = "showTask", params(("id" = i32, Path)),
    responses((status = 200, description = "The task.", body = One<Task>), (status = 404, description = "There is none.")))]
pub async fn show(db: Data<Pool>, Id(id): Id<i32>) -> Result<HttpResponse, Problem> {
    let mut conn = db.connection().await?;
    let task = queries::find(&mut conn, id).await.optional()?;
    task.map(One::found).ok_or_else(|| unknown(id))
}

/// A new task.
#[utoipa::path(post, path = "/tasks", tag = "tasks", operation_id = "createTask", request_body = TaskInput,
    responses((status = 201, description = "It is stored.", body = One<Task>)))]
pub async fn create(
    db: Data<Pool>,
    cached: Data<Cached>,
    Body(input): Body<TaskInput>,
) -> Result<HttpResponse, Problem> {
    let (new, checks) = NewTask::check(input);
    let references = (new.user_id, new.category_id);
    if !checks.passed() {
        return Err(refused(&mut db.connection().await?, checks, references).await);
    }
    let write = async move {
        let mut conn = db.connection().await?;
        let result = queries::insert(&mut conn, &new).await;
        unless_refused(result, &mut conn, checks, references).await
    };
    let task = cached.write(write).await?;
    Ok(One::created("task created", task))
}

/// Changes what the body names of a task, and leaves the rest.
#[utoipa::path(put, path = "/tasks/{id}", tag = "tasks", operation_id = "updateTask", params(("id" = i32, Path)), request_body = TaskChangeInput,
    responses((status = 200, description = "It is changed.", body = One<Task>), (status = 404, description = "There is none.")))]
pub async fn update(
    db: Data<Pool>,
    cached: Data<Cached>,
    Id(id): Id<i32>,
    Body(input): Body<TaskChangeInput>,
) -> Result<HttpResponse, Problem> {
    let (change, checks) = TaskChange::check(input);
    let references = (change.user_id, change.category_id.flatten());
    if !checks.passed() {
        return Err(refused(&mut db.connection().await?, checks, references).await);
    }
    let write = async move {
        let mut conn = db.connection().await?;
        let result = queries::update(&mut conn, id, &change).await.optional();
        unless_refused(result, &mut conn, checks, references).await?.ok_or_else(|| unknown(id))
    };
    let task = cached.write(write).await?;
    Ok(One::done("task updated", task))
}

/// Deletes a task.
#[utoipa::path(delete, path = "/tasks/{id}", tag = "tasks", operation_id = "deleteTask", params(("id" = i32, Path)),
    responses((status = 200, description = "It is gone.", body = One<Task>), (status = 404, description = "There was none.")))]
pub async fn delete(db: Data<Pool>, cached: Data<Cached>, Id(id): Id<i32>) -> Result<HttpResponse, Problem> {
    let write = async move {
        let task = queries::delete(&mut *db.connection().await?, id).await.optional()?;
        task.ok_or_else(|| unknown(id))
    };
    let task = cached.write(write).await?;
    Ok(One::done("task deleted", task))
}

fn unknown(id: i32) -> Problem {
    Problem::not_found(format!("no task has id {id}"))
}

/// The user and the category that a task is to have.
type References = (Option<i32>, Option<i32>);

/// Gives a refusal by the foreign keys its reasons.
async fn unless_refused<T>(
    result: QueryResult<T>,
    conn: &mut Connection,
    checks: Checks,
    references: References,
) -> Result<T, Problem> {
    match result {
        Err(DatabaseError(ForeignKeyViolation, _)) => Err(refused(conn, checks, references).await),
        result => Ok(result?),
    }
}

/// 400 with all that is wrong, whether a check or only the database can tell.
async fn refused(conn: &mut Connection, mut checks: Checks, (user, category): References) -> Problem {
    let exist = match queries::exist(conn, user.unwrap_or_default(), category.unwrap_or_default()).await {
        Ok(exist) => exist,
        Err(error) => return error.into(),
    };
    if let (Some(id), (false, _)) = (user, exist) {
        checks.fail("userId", format!("no user has id {id}"));
    }
    if let (Some(id), (_, false)) = (category, exist) {
        checks.fail("categoryId", format!("no category has id {id}"));
    }
    checks.problem()
}
