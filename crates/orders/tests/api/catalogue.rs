//! `GET /products` and `GET /products/{id}`

use insta::assert_snapshot;
use serde_json::Value;

use crate::Shop;

/// As a client writes a name into a URL.
fn encoded(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// The names of a category, page after page.
fn pages(shop: &Shop, category: &str, limit: usize) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut next = Value::from("");
    while let Some(after) = next.as_str() {
        let path = format!("/products?category={category}&limit={limit}&after={}", encoded(after));
        let answer = shop.get(&path);
        assert_eq!(answer.status, 200, "{answer}");
        let mut page = answer.json();
        next = page["next"].take();
        pages.push(
            page["products"].as_array().unwrap().iter().map(|product| product["name"].clone()).collect(),
        );
    }
    pages
}

#[test]
fn pages_hold_every_product_of_a_category_once_by_name() {
    let shop = Shop::start();
    let expected = shop.database.sql("SELECT name FROM products WHERE category = 'garden' ORDER BY name");
    let expected: Vec<_> = expected.into_iter().flatten().flatten().map(Value::from).collect();
    assert_eq!(expected.len(), 500);
    // 500 are 71 pages of 7 and one of 3, and exactly 5 of 100.
    for (limit, count) in [(7, 72), (100, 5)] {
        let pages = pages(&shop, "garden", limit);
        assert_eq!(pages.len(), count);
        assert!(pages.iter().rev().skip(1).all(|page| page.len() == limit));
        assert_eq!(pages.concat(), expected);
    }
}

#[test]
fn a_product_that_arrives_or_goes_meanwhile_shifts_nothing() {
    let shop = Shop::start();
    let first = shop.get("/products?category=toys").json();
    let last = first["next"].as_str().unwrap();
    shop.database
        .sql("INSERT INTO products (name, category, price_cents, stock) VALUES ('A new one', 'toys', 1, 1)");
    let after = format!("/products?category=toys&after={}", encoded(last));
    let second = shop.get(&after).json();
    assert!(second["products"][0]["name"].as_str().unwrap() > last);
    shop.database
        .sql("DELETE FROM orders; DELETE FROM products WHERE category = 'toys' AND name = 'A new one'");
    assert_eq!(shop.get(&after).json(), second);
}

#[test]
fn a_product_has_an_id_a_name_a_category_a_price_and_a_stock() {
    let shop = Shop::start();
    let product = shop.get("/products/1234");
    assert_eq!(product.status, 200);
    assert_snapshot!(format!("{:#}", product.json()), @r#"
    {
      "category": "electronics",
      "id": 1234,
      "name": "Light green headset, model 1234",
      "priceCents": 41745,
      "stock": 3254
    }
    "#);
    let page = shop.get("/products?category=electronics&limit=100").json();
    let page = page["products"].as_array().unwrap();
    assert_eq!(page.iter().filter(|other| other["category"] == "electronics").count(), 100);
    assert_snapshot!(shop.get("/products/5001"), @r#"
    404
    content-type: application/problem+json
    x-instance: orders

    {"type":"not-found","title":"not found","status":404,"detail":"no product has id 5001"}
    "#);
    assert_snapshot!(shop.get("/products/abc"), @r#"
    400
    content-type: application/problem+json
    x-instance: orders

    {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"in the path: \"abc\" is not an id: expected a whole number"}
    "#);
}

#[test]
fn a_category_that_no_product_has_is_an_empty_page() {
    let shop = Shop::start();
    for category in ["cars", "", "GARDEN", "garden%20", "%25", "%27%20OR%201=1%20--"] {
        let answer = shop.get(&format!("/products?category={category}"));
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (200, br#"{"products":[],"next":null}"#.as_slice())
        );
    }
}

#[test]
fn a_page_has_1_to_100_products() {
    let shop = Shop::start();
    for (limit, length) in [("", 20), ("&limit=1", 1), ("&limit=100", 100)] {
        let page = shop.get(&format!("/products?category=books{limit}")).json();
        assert_eq!(page["products"].as_array().unwrap().len(), length, "{limit}");
    }
    for limit in ["0", "101", "1e9", "-1", "1.0", "0x1", "", "%20", "99999999999999999999"] {
        assert_eq!(shop.get(&format!("/products?category=books&limit={limit}")).status, 400, "{limit}");
    }
    assert_snapshot!(shop.get("/products?category=books&limit=101"), @r#"
    400
    content-type: application/problem+json
    x-instance: orders

    {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"limit: must be a whole number from 1 to 100","errors":[{"path":"limit","message":"must be a whole number from 1 to 100"}]}
    "#);
}

#[test]
fn a_page_needs_a_category_and_takes_no_other_parameter() {
    let shop = Shop::start();
    assert_snapshot!(shop.get("/products"), @r#"
    400
    content-type: application/problem+json
    x-instance: orders

    {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"category: is required","errors":[{"path":"category","message":"is required"}]}
    "#);
    assert_snapshot!(shop.get("/products?category=books&page=2").json()["detail"].as_str().unwrap(), @"page: is unknown");
    assert_snapshot!(shop.get("/products?category=books&after=a%00b").json()["detail"].as_str().unwrap(), @"after: must not contain the character NUL");
}
