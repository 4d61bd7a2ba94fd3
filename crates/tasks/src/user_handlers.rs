//! `/users`: one function per route.

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use diesel::{
    OptionalExtension, QueryResult,
    result::{DatabaseErrorKind::UniqueViolation, Error::DatabaseError},
};
use shared::{
    input::{Body, Id, Params},
    pool::Pool,
    problem::Problem,
};

use crate::{
    cached::Cached,
    envelope::{List, One},
    page::{Page, PageInput},
    password,
    user_models::{NewUser, User, UserChange, UserChangeInput, UserInput},
    user_queries as queries,
};

/// One page of the users, in the order of their ids.
#[utoipa::path(get, path = "/users", tag = "users", operation_id = "listUsers", params(PageInput),
    responses((status = 200, description = "A page.", body = List<User>)))]
pub async fn list(db: Data<Pool>, Params(input): Params<PageInput>) -> Result<Json<List<User>>, Problem> {
    let page = Page::try_from(input)?;
    let mut conn = db.connection().await?;
    let (total, users) = queries::list(&mut conn, &page).await?;
    Ok(Json(List::of(&page, total, users)))
}

/// One user.
#[utoipa::path(get, path = "/users/{id}", tag = "users", operation_id = "showUser", params(("id" = i32, Path)),
    responses((status = 200, description = "The user.", body = One<User>), (status = 404, description = "There is none.")))]
pub async fn show(db: Data<Pool>, Id(id): Id<i32>) -> Result<HttpResponse, Problem> {
    let mut conn = db.connection().await?;
    let user = queries::find(&mut conn, id).await.optional()?;
    user.map(One::found).ok_or_else(|| unknown(id))
}

/// A new user. The password is stored as a hash, and never shown.
#[utoipa::path(post, path = "/users", tag = "users", operation_id = "createUser", request_body = UserInput,
    responses((status = 201, description = "It is stored.", body = One<User>), (status = 409, description = "Another user has this email.")))]
pub async fn create(
    db: Data<Pool>,
    cached: Data<Cached>,
    Body(input): Body<UserInput>,
) -> Result<HttpResponse, Problem> {
    let mut new = NewUser::try_from(input)?;
    new.password = password::hash(new.password).await?;
    let write = async move { or_conflict(queries::insert(&mut *db.connection().await?, &new).await) };
    let user = cached.write(write).await?;
    Ok(One::created("user created", user))
}

/// Changes what the body names of a user, and leaves the rest.
#[utoipa::path(put, path = "/users/{id}", tag = "users", operation_id = "updateUser", params(("id" = i32, Path)), request_body = UserChangeInput,
    responses((status = 200, description = "It is changed.", body = One<User>), (status = 404, description = "There is none."), (status = 409, description = "Another user has this email.")))]
pub async fn update(
    db: Data<Pool>,
    cached: Data<Cached>,
    Id(id): Id<i32>,
    Body(input): Body<UserChangeInput>,
) -> Result<HttpResponse, Problem> {
    let mut change = UserChange::try_from(input)?;
    if let Some(password) = change.password {
        change.password = Some(password::hash(password).await?);
    }
    let write = async move {
        let user = queries::update(&mut *db.connection().await?, id, &change).await;
        or_conflict(user.optional())?.ok_or_else(|| unknown(id))
    };
    let user = cached.write(write).await?;
    Ok(One::done("user updated", user))
}

/// Deletes a user. The tasks stay, without a user.
#[utoipa::path(delete, path = "/users/{id}", tag = "users", operation_id = "deleteUser", params(("id" = i32, Path)),
    responses((status = 200, description = "It is gone.", body = One<User>), (status = 404, description = "There was none.")))]
pub async fn delete(db: Data<Pool>, cached: Data<Cached>, Id(id): Id<i32>) -> Result<HttpResponse, Problem> {
    let write = async move {
        let user = queries::delete(&mut *db.connection().await?, id).await.optional()?;
        user.ok_or_else(|| unknown(id))
    };
    let user = cached.write(write).await?;
    Ok(One::done("user deleted", user))
}

fn unknown(id: i32) -> Problem {
    Problem::not_found(format!("no user has id {id}"))
}

/// A user has no rule that one could break but that of the email.
fn or_conflict<T>(result: QueryResult<T>) -> Result<T, Problem> {
    result.map_err(|error| match error {
        DatabaseError(UniqueViolation, _) => {
            Problem::conflict("another user has this email").in_field("email")
        }
        error => error.into(),
    })
}
