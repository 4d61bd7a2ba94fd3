//! `/categories`: one function per route.

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use diesel::OptionalExtension;
use shared::{
    input::{Body, Id, Params},
    pool::Pool,
    problem::Problem,
};

use crate::{
    cached::Cached,
    category_models::{Category, CategoryInput, NewCategory},
    category_queries as queries,
    envelope::{List, One},
    page::{Page, PageInput},
};

/// One page of the categories, in the order of their ids.
#[utoipa::path(get, path = "/categories", tag = "categories", operation_id = "listCategories", params(PageInput),
    responses((status = 200, description = "A page.", body = List<Category>)))]
pub async fn list(db: Data<Pool>, Params(input): Params<PageInput>) -> Result<Json<List<Category>>, Problem> {
    let page = Page::try_from(input)?;
    let mut conn = db.connection().await?;
    let (total, categories) = queries::list(&mut conn, &page).await?;
    Ok(Json(List::of(&page, total, categories)))
}

/// One category.
#[utoipa::path(get, path = "/categories/{id}", tag = "categories", operation_id = "showCategory", params(("id" = i32, Path)),
    responses((status = 200, description = "The category.", body = One<Category>), (status = 404, description = "There is none.")))]
pub async fn show(db: Data<Pool>, Id(id): Id<i32>) -> Result<HttpResponse, Problem> {
    let mut conn = db.connection().await?;
    let category = queries::find(&mut conn, id).await.optional()?;
    category.map(One::found).ok_or_else(|| unknown(id))
}

/// A new category.
#[utoipa::path(post, path = "/categories", tag = "categories", operation_id = "createCategory", request_body = CategoryInput,
    responses((status = 201, description = "It is stored.", body = One<Category>)))]
pub async fn create(
    db: Data<Pool>,
    cached: Data<Cached>,
    Body(input): Body<CategoryInput>,
) -> Result<HttpResponse, Problem> {
    let new = NewCategory::try_from(input)?;
    let write = async move { Ok(queries::insert(&mut *db.connection().await?, &new).await?) };
    let category = cached.write(write).await?;
    Ok(One::created("category created", category))
}

/// Another name for a category.
#[utoipa::path(put, path = "/categories/{id}", tag = "categories", operation_id = "updateCategory", params(("id" = i32, Path)), request_body = CategoryInput,
    responses((status = 200, description = "It is changed.", body = One<Category>), (status = 404, description = "There is none.")))]
pub async fn update(
    db: Data<Pool>,
    cached: Data<Cached>,
    Id(id): Id<i32>,
    Body(input): Body<CategoryInput>,
) -> Result<HttpResponse, Problem> {
    let new = NewCategory::try_from(input)?;
    let write = async move {
        let category = queries::update(&mut *db.connection().await?, id, &new).await.optional()?;
        category.ok_or_else(|| unknown(id))
    };
    let category = cached.write(write).await?;
    Ok(One::done("category updated", category))
}

/// Deletes a category. Its tasks stay, and have none then.
#[utoipa::path(delete, path = "/categories/{id}", tag = "categories", operation_id = "deleteCategory", params(("id" = i32, Path)),
    responses((status = 200, description = "It is gone.", body = One<Category>), (status = 404, description = "There was none.")))]
pub async fn delete(db: Data<Pool>, cached: Data<Cached>, Id(id): Id<i32>) -> Result<HttpResponse, Problem> {
    let write = async move {
        let category = queries::delete(&mut *db.connection().await?, id).await.optional()?;
        category.ok_or_else(|| unknown(id))
    };
    let category = cached.write(write).await?;
    Ok(One::done("category deleted", category))
}

fn unknown(id: i32) -> Problem {
    Problem::not_found(format!("no category has id {id}"))
}
