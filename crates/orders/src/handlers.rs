//! One function per route: take, check, one query, answer.

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use diesel::OptionalExtension;
use diesel_async::AsyncPgConnection;
use shared::{
    idempotency::{self, Keyed},
    input::{Id, Params},
    pool::Pool,
    problem::Problem,
};

use crate::{
    models::{Catalogue, NewOrder, Order, OrderInput, Page, PageInput, Product, Report},
    queries,
};

/// `GET /products?category=…&limit=20&after=…`: 200 with one page of a [`Catalogue`]. A category that no product has is
/// an empty page: it is a word on products, and nothing that could be there or not.
pub async fn catalogue(db: Data<Pool>, Params(input): Params<PageInput>) -> Result<Json<Catalogue>, Problem> {
    let page = Page::try_from(input)?;
    let mut conn = db.connection().await?;
    let products = queries::of_category(&mut conn, &page).await?;
    Ok(Json(page.of(products)))
}

/// `GET /products/{id}`: 200 with a [`Product`], or 404.
pub async fn product(db: Data<Pool>, Id(id): Id<i64>) -> Result<Json<Product>, Problem> {
    let mut conn = db.connection().await?;
    let product = queries::product(&mut conn, id).await.optional()?;
    product.map(Json).ok_or_else(|| Problem::not_found(format!("no product has id {id}")))
}

/// `POST /orders`: 201 with the [`Order`] and its `Location`, 400 naming the field, or 409 for an unknown product and
/// for one of which too few are left. With an `Idempotency-Key` it happens once, however often it is sent; 422 when the
/// key came with another body before.
pub async fn create(db: Data<Pool>, input: Keyed<OrderInput>) -> Result<HttpResponse, Problem> {
    let new = NewOrder::try_from(input.body)?;
    let mut conn = db.connection().await?;
    idempotency::create(&mut conn, input.key, Order::location, async |conn| place(conn, &new).await).await
}

/// `GET /orders/{id}`: 200 with an [`Order`], or 404.
pub async fn order(db: Data<Pool>, Id(id): Id<i64>) -> Result<Json<Order>, Problem> {
    let mut conn = db.connection().await?;
    let order = queries::order(&mut conn, id).await.optional()?;
    order.map(Json).ok_or_else(|| Problem::not_found(format!("no order has id {id}")))
}

/// `GET /report`: 200 with what was sold as a [`Report`], added up anew from all orders each time.
pub async fn report(db: Data<Pool>) -> Result<Json<Report>, Problem> {
    let mut conn = db.connection().await?;
    Ok(Json(Report { categories: queries::sales(&mut conn).await? }))
}

async fn place(conn: &mut AsyncPgConnection, new: &NewOrder) -> Result<Order, Problem> {
    let NewOrder { product_id, quantity } = new;
    if let Some(order) = queries::insert(conn, new).await? {
        return Ok(order);
    }
    Err(if queries::product_exists(conn, *product_id).await? {
        Problem::conflict(format!("out of stock: fewer than {quantity} of product {product_id} are left"))
            .in_field("quantity")
    } else {
        Problem::conflict(format!("no product has id {product_id}")).in_field("productId")
    })
}
