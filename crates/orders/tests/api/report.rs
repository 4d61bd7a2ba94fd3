//! `GET /report`

use insta::assert_snapshot;

use crate::Shop;

#[test]
fn every_order_is_added_up_by_category() {
    let shop = Shop::start();
    let report = shop.get("/report");
    assert_eq!(report.status, 200);
    let expected = shop.database.sql(
        "SELECT category, count(*), sum(quantity), sum(total_cents)
         FROM orders JOIN products ON products.id = product_id GROUP BY category ORDER BY category",
    );
    let found: Vec<Vec<_>> = report.json()["categories"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sales| {
            let category = sales["category"].as_str().unwrap().to_owned();
            let numbers = ["orders", "quantity", "revenueCents"].map(|name| sales[name].to_string());
            [category].into_iter().chain(numbers).map(Some).collect()
        })
        .collect();
    assert_eq!(found, expected);
    assert_snapshot!(report.json()["categories"][0], @r#"{"category":"books","orders":102,"quantity":301,"revenueCents":7430168}"#);
}

#[test]
fn an_order_is_in_the_report_at_once() {
    let shop = Shop::start();
    let books = || shop.get("/report").json()["categories"][0].clone();
    let (before, order) = (books(), shop.order(7, 2).json());
    let after = books();
    for (name, more) in
        [("orders", 1), ("quantity", 2), ("revenueCents", order["totalCents"].as_i64().unwrap())]
    {
        assert_eq!(after[name].as_i64().unwrap() - before[name].as_i64().unwrap(), more, "{name}");
    }
}

#[test]
fn a_shop_that_sold_nothing_has_an_empty_report() {
    let shop = Shop::start();
    shop.database.sql("TRUNCATE orders");
    assert_eq!(shop.get("/report").body, br#"{"categories":[]}"#);
}
