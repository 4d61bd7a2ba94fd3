//! Money is exact: whole cents of 64 bits, and no sum that could overflow.

use serde_json::Value;

use crate::Shop;

/// The largest price of which 100 fit 64 bits.
const PRICE_MAX: i64 = i64::MAX / 100;

#[test]
fn the_largest_order_is_exact_to_the_cent() {
    let shop = Shop::start();
    shop.database.sql(&format!("UPDATE products SET price_cents = {PRICE_MAX} WHERE id = 7"));
    assert_eq!(shop.get("/products/7").json()["priceCents"], PRICE_MAX);
    let order = shop.order(7, 100).json();
    assert_eq!(order["totalCents"], 9_223_372_036_854_775_800_i64);
    assert_eq!(shop.get(&format!("/orders/{}", order["id"])).json(), order);
}

#[test]
fn a_price_that_could_overflow_an_order_cannot_be_stored() {
    let shop = Shop::start();
    // A block that reports what was refused, since a statement that fails would end the test.
    let refused = format!(
        "DO $$ BEGIN
             UPDATE products SET price_cents = {} WHERE id = 7;
             RAISE 'not refused';
         EXCEPTION WHEN check_violation THEN NULL;
         END $$",
        PRICE_MAX + 1
    );
    shop.database.sql(&refused);
}

#[test]
fn the_report_is_exact_beyond_64_bits() {
    let shop = Shop::start();
    shop.database
        .sql(&format!("DELETE FROM orders; UPDATE products SET price_cents = {PRICE_MAX} WHERE id <= 500"));
    for _ in 0..3 {
        assert_eq!(shop.order(7, 100).status, 201);
    }
    // As text: it is more than a JSON library need be able to read.
    let report = String::from_utf8(shop.get("/report").body).unwrap();
    insta::assert_snapshot!(report, @r#"{"categories":[{"category":"books","orders":3,"quantity":300,"revenueCents":27670116110564327400}]}"#);
}

#[test]
fn every_length_of_a_sum_is_read_right() {
    let shop = Shop::start();
    for digits in 0..19 {
        for total in [10_i64.pow(digits), 10_i64.pow(digits) - 1, 7 * 10_i64.pow(digits) / 3] {
            shop.database.sql(&format!(
                "DELETE FROM orders; INSERT INTO orders (product_id, quantity, total_cents) VALUES (7, 1, {total})"
            ));
            let report: Value = shop.get("/report").json();
            assert_eq!(report["categories"][0]["revenueCents"], total);
        }
    }
}
