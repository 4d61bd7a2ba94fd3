//! `POST /orders` and `GET /orders/{id}`

use std::thread;

use insta::assert_snapshot;
use serde_json::json;

use crate::Shop;

#[test]
fn an_order_takes_the_stock_and_is_found_where_its_location_says() {
    let shop = Shop::start();
    let stock = || shop.get("/products/7").json()["stock"].as_i64().unwrap();
    let (before, price) = (stock(), shop.get("/products/7").json()["priceCents"].as_i64().unwrap());
    let answer = shop.order(7, 3);
    assert_eq!(answer.status, 201, "{answer}");
    let order = answer.json();
    assert_eq!(order["productId"], 7);
    assert_eq!((&order["quantity"], &order["totalCents"]), (&json!(3), &json!(3 * price)));
    assert_eq!(stock(), before - 3);
    let location = answer.header("location").unwrap();
    assert_eq!(location, format!("/orders/{}", order["id"]));
    assert_eq!(shop.get(location).json(), order);
    let stored = shop.value(
        "SELECT to_char(created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS') FROM orders ORDER BY id DESC LIMIT 1",
    );
    assert!(order["createdAt"].as_str().unwrap().starts_with(&stored), "{order} {stored}");
}

#[test]
fn an_unknown_order_is_not_found() {
    let shop = Shop::start();
    assert_snapshot!(shop.get("/orders/1001"), @r#"
    404
    content-type: application/problem+json
    x-instance: orders

    {"type":"not-found","title":"not found","status":404,"detail":"no order has id 1001"}
    "#);
    assert_eq!(shop.get("/orders/abc").status, 400);
}

#[test]
fn an_order_has_1_to_100_pieces() {
    let shop = Shop::start();
    for (quantity, status) in [(-1, 400), (0, 400), (1, 201), (100, 201), (101, 400)] {
        assert_eq!(shop.order(7, quantity).status, status, "{quantity}");
    }
    assert_snapshot!(shop.order(7, 101), @r#"
    400
    content-type: application/problem+json
    x-instance: orders

    {"type":"invalid-input","title":"the input is not valid","status":400,"detail":"quantity: must be from 1 to 100, and is 101","errors":[{"path":"quantity","message":"must be from 1 to 100, and is 101"}]}
    "#);
}

#[test]
fn an_unknown_product_is_a_conflict() {
    let shop = Shop::start();
    assert_snapshot!(shop.order(5001, 1), @r#"
    409
    content-type: application/problem+json
    x-instance: orders

    {"type":"conflict","title":"a rule of the data forbids it","status":409,"detail":"no product has id 5001","errors":[{"path":"productId","message":"no product has id 5001"}]}
    "#);
    assert_eq!(shop.value("SELECT count(*) FROM orders"), "1000");
}

#[test]
fn more_than_is_left_is_a_conflict_and_takes_nothing() {
    let shop = Shop::start();
    shop.database.sql("UPDATE products SET stock = 2 WHERE id = 7");
    assert_snapshot!(shop.order(7, 3), @r#"
    409
    content-type: application/problem+json
    x-instance: orders

    {"type":"conflict","title":"a rule of the data forbids it","status":409,"detail":"out of stock: fewer than 3 of product 7 are left","errors":[{"path":"quantity","message":"out of stock: fewer than 3 of product 7 are left"}]}
    "#);
    assert_eq!(shop.get("/products/7").json()["stock"], 2);
    assert_eq!(shop.order(7, 2).status, 201);
    assert_eq!(shop.get("/products/7").json()["stock"], 0);
}

#[test]
fn of_100_buyers_of_10_pieces_10_get_one_each() {
    let shop = Shop::start();
    shop.database.sql("UPDATE products SET stock = 10 WHERE id = 7");
    let statuses = thread::scope(|scope| {
        let buyers: Vec<_> = (0..100).map(|_| scope.spawn(|| shop.order(7, 1).status)).collect();
        buyers.into_iter().map(|buyer| buyer.join().unwrap()).collect::<Vec<_>>()
    });
    let count = |status| statuses.iter().filter(|other| **other == status).count();
    assert_eq!((count(201), count(409)), (10, 90));
    assert_eq!(shop.get("/products/7").json()["stock"], 0);
    assert_eq!(shop.value("SELECT count(*) FROM orders WHERE id > 1000"), "10");
}

#[test]
fn a_field_that_is_missing_or_of_another_type_is_named() {
    let shop = Shop::start();
    for (body, detail) in [
        (r#"{"quantity": 1}"#, "productId: is required"),
        (r#"{"productId": 1}"#, "quantity: is required"),
        (r#"{"productId": "1", "quantity": 1}"#, "productId: must be a whole number of 64 bits"),
        (r#"{"productId": 1, "quantity": 1.5}"#, "quantity: must be a whole number of 32 bits"),
        (r#"{"productId": 1, "quantity": 2147483648}"#, "quantity: must be a whole number of 32 bits"),
        (r#"{"productId": 1, "quantity": 1, "priceCents": 1}"#, "priceCents: is unknown"),
        (r#"{"productId": 1, "quantity": 1, "quantity": 2}"#, "in the body: duplicate field `quantity`"),
    ] {
        let answer = shop.service.post("/orders", body);
        assert_eq!(answer.status, 400, "{body}");
        let problem = answer.json();
        assert!(problem["detail"].as_str().unwrap().starts_with(detail), "{problem}");
        assert!(detail.contains(problem["errors"][0]["path"].as_str().unwrap()), "{problem}");
    }
}

#[test]
fn an_array_is_no_order_and_a_whole_number_may_have_a_fraction_of_zero() {
    let shop = Shop::start();
    assert_eq!(shop.service.post("/orders", "[7, 1]").status, 400);
    assert_eq!(shop.service.post("/orders", r#"{"productId": 7.0, "quantity": 1e0}"#).status, 201);
}
