//! `/posts` and the posts of a user: one function per route. Take, check, one query, answer.

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use diesel::result::{DatabaseErrorKind::ForeignKeyViolation, Error::DatabaseError};
use shared::{
    input::{Body, Id, Params},
    problem::Problem,
};

use crate::{
    db::Db,
    models::{NewPost, Page, PageInput, PostInput, UserPosts},
    queries,
};

/// `POST /posts`: 201 with the [`Post`](crate::models::Post), 400 naming the field, or 409 for an unknown user.
pub async fn create(db: Data<Db>, Body(input): Body<PostInput>) -> Result<HttpResponse, Problem> {
    let new = NewPost::try_from(input)?;
    let mut conn = db.connection().await?;
    let post = queries::insert(&mut conn, &new).await.map_err(|error| match error {
        // A post refers to nothing but its user.
        DatabaseError(ForeignKeyViolation, _) => {
            Problem::conflict(format!("no user has id {}", new.user_id)).in_field("userId")
        }
        error => error.into(),
    })?;
    Ok(HttpResponse::Created().json(post))
}

/// `GET /users/{id}/posts?limit=20&before=…`: 200 with one page of [`UserPosts`], or 404 for an unknown user.
pub async fn of_user(
    db: Data<Db>,
    Id(id): Id<i64>,
    Params(input): Params<PageInput>,
) -> Result<Json<UserPosts>, Problem> {
    let page = Page::try_from(input)?;
    let mut conn = db.connection().await?;
    let posts = queries::of_user(&mut conn, id, &page).await?;
    if posts.is_empty() && !queries::user_exists(&mut conn, id).await? {
        return Err(Problem::not_found(format!("no user has id {id}")));
    }
    Ok(Json(page.of(posts)))
}
