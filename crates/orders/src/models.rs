//! Rows, the shapes of requests and answers, and the checks of what comes in.

use std::{collections::BTreeMap, iter};

use chrono::{DateTime, Utc};
use diesel::{
    Queryable, QueryableByName, Selectable,
    data_types::PgNumeric,
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    sql_types::Numeric,
};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use shared::{
    checks::{Checks, Field, any, nfc, within, without_nul},
    paging::Limit,
    problem::Problem,
    timestamp::rfc3339,
};

use crate::schema::{orders, products};

/// Pieces of a product that one order may have; `db/orders/schema.sql` says the same.
const QUANTITY_MAX: i32 = 100;

/// A product. `stock` is how many can be ordered now.
#[derive(Queryable, Selectable, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    pub id: i64,
    pub name: String,
    pub category: String,
    pub price_cents: i64,
    pub stock: i32,
}

/// A page of a category, by name. `next` is the `after` of the next page, and null on the last.
#[derive(Serialize)]
pub struct Catalogue {
    pub products: Vec<Product>,
    pub next: Option<String>,
}

/// The query string of `GET /products`, not checked yet.
#[derive(Deserialize)]
pub struct PageInput {
    category: Option<String>,
    limit: Option<String>,
    #[serde(default)]
    after: String,
    #[serde(flatten)]
    unknown: BTreeMap<String, String>,
}

/// Which products are asked for: the first `limit` of a category whose names come after `after`. All names come after
/// the empty one.
pub struct Page {
    pub category: String,
    pub limit: Limit,
    pub after: String,
}

impl Page {
    /// Makes the answer of the rows that were found.
    pub fn of(&self, mut products: Vec<Product>) -> Catalogue {
        let next = self.limit.cut(&mut products).map(|product| product.name.clone());
        Catalogue { products, next }
    }
}

impl TryFrom<PageInput> for Page {
    type Error = Problem;

    fn try_from(PageInput { category, limit, after, unknown }: PageInput) -> Result<Self, Problem> {
        let mut checks = Checks::new(unknown);
        let limit = Limit::check(&mut checks, limit.as_deref());
        let category = category.map_or(Field::Absent, |category| Field::Is(nfc(category)));
        let category = checks.required("category", category, without_nul()).unwrap_or_default();
        let after = checks.optional("after", Field::Is(nfc(after)), without_nul()).unwrap_or_default();
        checks.finish(Self { category, limit, after })
    }
}

/// The body of `POST /orders`, not checked yet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderInput {
    #[serde(default)]
    product_id: Field<i64>,
    #[serde(default)]
    quantity: Field<i32>,
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

/// An order that may be tried. Whether there is enough of the product, the database knows.
pub struct NewOrder {
    pub product_id: i64,
    pub quantity: i32,
}

impl TryFrom<OrderInput> for NewOrder {
    type Error = Problem;

    fn try_from(OrderInput { product_id, quantity, unknown }: OrderInput) -> Result<Self, Problem> {
        let mut checks = Checks::new(unknown);
        let new = Self {
            product_id: checks.required("productId", product_id, any()).unwrap_or_default(),
            quantity: checks.required("quantity", quantity, within(1..=QUANTITY_MAX)).unwrap_or_default(),
        };
        checks.finish(new)
    }
}

/// An order. `total_cents` is what its pieces cost together on the day.
#[derive(Queryable, QueryableByName, Selectable, Serialize)]
#[diesel(table_name = orders)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub id: i64,
    pub product_id: i64,
    pub quantity: i32,
    pub total_cents: i64,
    #[serde(serialize_with = "rfc3339")]
    pub created_at: DateTime<Utc>,
}

impl Order {
    /// Where it is found again.
    pub fn location(&self) -> String {
        format!("/orders/{}", self.id)
    }
}

/// What was sold, by category in the order of their names. A category without an order is not in it.
#[derive(Serialize)]
pub struct Report {
    pub categories: Vec<Sales>,
}

/// What was sold of one category: how many orders, how many pieces, for how much.
#[derive(Queryable, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sales {
    pub category: String,
    pub orders: i64,
    pub quantity: i64,
    pub revenue_cents: Cents,
}

/// A sum of totals. Each of them fits 64 bits; the sum need not, and PostgreSQL's sum of bigints is a numeric.
#[derive(FromSqlRow, Serialize)]
pub struct Cents(i128);

impl FromSql<Numeric, Pg> for Cents {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let PgNumeric::Positive { weight, digits, .. } = PgNumeric::from_sql(bytes)? else {
            return Err("a sum of what is never negative is".into());
        };
        // To the base of 10,000, the highest first; zeros at the end are left out.
        let digits = digits.into_iter().chain(iter::repeat(0)).take(usize::try_from(weight + 1)?);
        Ok(Self(digits.fold(0, |sum, digit| sum * 10_000 + i128::from(digit))))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use testkit::damaged::damaged;

    use super::*;

    proptest! {
        #[test]
        fn a_damaged_request_is_read_or_refused_as_invalid_input(
            query in damaged(vec!["category=garden&limit=2&after=%F0%9F%A6%80".to_owned()]),
            body in damaged(vec![r#"{"productId": 7, "quantity": 2.0}"#.to_owned()]),
        ) {
            let page = shared::input::params::<PageInput>(&query).and_then(Page::try_from);
            let order = shared::input::parse::<OrderInput>(body.as_bytes()).and_then(NewOrder::try_from);
            for problem in page.err().into_iter().chain(order.err()) {
                prop_assert!(problem.to_string().starts_with("invalid-input: "), "{}", problem);
            }
        }
    }
}
