//! Diesel and nothing else.

use diesel::{
    dsl::{count, exists, sum},
    prelude::*,
    select, sql_query,
    sql_types::{BigInt, Integer},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::{prepared::Prepare, written::GetWritten};

use crate::{
    models::{NewOrder, Order, Page, Product, Sales},
    schema::{orders, products},
};

/// The products of the page's category after its `after`, by name, and one more than the page holds.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn of_category(conn: &mut AsyncPgConnection, page: &Page) -> QueryResult<Vec<Product>> {
    products::table
        .filter(products::category.eq(&page.category).and(products::name.gt(&page.after)))
        .order(products::name)
        .limit(page.limit.rows())
        .select(Product::as_select())
        .load(conn)
        .await
}

/// One product.
///
/// # Errors
/// `NotFound` when there is none; otherwise whatever Diesel reports.
pub async fn product(conn: &mut AsyncPgConnection, id: i64) -> QueryResult<Product> {
    products::table.find(id).select(Product::as_select()).first(conn).await
}

/// Whether there is such a product.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn product_exists(conn: &mut AsyncPgConnection, id: i64) -> QueryResult<bool> {
    select(exists(products::table.find(id))).get_result(conn).await
}

const INSERT: &str = "
WITH taken AS (
    UPDATE products SET stock = stock - $2 WHERE id = $1 AND stock >= $2 RETURNING id, price_cents
)
INSERT INTO orders (product_id, quantity, total_cents)
SELECT id, $2, price_cents * $2 FROM taken
RETURNING *";

/// Takes the pieces from the stock and stores the order, or does neither; `None` when there is not enough, or no such
/// product.
///
/// One statement, which Diesel has no words for: no other order can come between taking and storing, and the product's row is
/// locked for no round trip.
///
/// # Errors
/// Whatever Diesel reports.
///
/// Source: PostgreSQL manual, WITH Queries, "Data-Modifying Statements in WITH".
pub async fn insert(conn: &mut AsyncPgConnection, new: &NewOrder) -> QueryResult<Option<Order>> {
    sql_query(INSERT)
        .bind::<BigInt, _>(new.product_id)
        .bind::<Integer, _>(new.quantity)
        .prepared()
        .get_written(conn)
        .await
        .optional()
}

/// One order.
///
/// # Errors
/// `NotFound` when there is none; otherwise whatever Diesel reports.
pub async fn order(conn: &mut AsyncPgConnection, id: i64) -> QueryResult<Order> {
    orders::table.find(id).select(Order::as_select()).first(conn).await
}

/// What was sold, by category. Reads all orders: some 150 ms of work for PostgreSQL with 500,000 of them.
///
/// # Errors
/// Whatever Diesel reports.
pub async fn sales(conn: &mut AsyncPgConnection) -> QueryResult<Vec<Sales>> {
    orders::table
        .inner_join(products::table)
        .group_by(products::category)
        .order(products::category)
        .select((
            products::category,
            count(orders::id),
            // A group has a row at least, and so a sum.
            sum(orders::quantity).assume_not_null(),
            sum(orders::total_cents).assume_not_null(),
        ))
        .load(conn)
        .await
}
