//! `Idempotency-Key`: however often an order is sent, it is placed once.

use std::thread;

use insta::assert_snapshot;
use testkit::Answer;

use crate::{Shop, instance, keyed, order};

impl Shop {
    fn keyed(&self, key: &str, body: &str) -> Answer {
        self.service.send(keyed(key, body))
    }

    fn orders(&self) -> String {
        self.value("SELECT count(*) - 1000 FROM orders")
    }
}

/// What a replay must repeat.
fn parts(answer: &Answer) -> (u16, Option<&str>, Option<&str>, &[u8]) {
    (answer.status, answer.header("location"), answer.header("content-type"), &answer.body)
}

#[test]
fn a_second_time_gets_the_first_answer_byte_for_byte_and_takes_nothing() {
    let shop = Shop::start();
    let first = shop.keyed("k-1", &order(7, 2));
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, None));
    // What happens to the order meanwhile is another matter.
    shop.database.sql("UPDATE products SET stock = 0, price_cents = 1 WHERE id = 7");
    let second = shop.keyed("k-1", &order(7, 2));
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(parts(&second), parts(&first));
    assert_eq!(shop.orders(), "1");
    assert_eq!(shop.get(first.header("location").unwrap()).body, first.body);
}

#[test]
fn the_same_key_with_another_body_is_refused() {
    let shop = Shop::start();
    assert_eq!(shop.keyed("k-1", &order(7, 2)).status, 201);
    assert_snapshot!(shop.keyed("k-1", &order(7, 3)), @r#"
    422
    content-type: application/problem+json
    x-instance: orders

    {"type":"key-reused","title":"same key, other body","status":422,"detail":"this Idempotency-Key came with another body before; use a new key for a new request","errors":[{"path":"Idempotency-Key","message":"this Idempotency-Key came with another body before; use a new key for a new request"}]}
    "#);
    assert_eq!(shop.orders(), "1");
}

#[test]
fn another_key_and_no_key_are_other_orders() {
    let shop = Shop::start();
    for _ in 0..2 {
        assert_eq!(shop.order(7, 2).status, 201);
    }
    for key in ["k-1", "K-1", "k-1.", &"~".repeat(255)] {
        assert_eq!(shop.keyed(key, &order(7, 2)).header("idempotency-replayed"), None, "{key}");
    }
    assert_eq!(shop.orders(), "6");
    assert_eq!(shop.keyed(&"~".repeat(256), &order(7, 2)).status, 400);
}

#[test]
fn a_refusal_is_not_kept() {
    let shop = Shop::start();
    shop.database.sql("UPDATE products SET stock = 0 WHERE id = 7");
    assert_eq!(shop.keyed("k-1", &order(7, 2)).status, 409);
    shop.database.sql("UPDATE products SET stock = 2 WHERE id = 7");
    let answer = shop.keyed("k-1", &order(7, 2));
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (201, None));
}

#[test]
fn fifty_at_once_with_one_key_are_one_order_through_two_instances() {
    let shop = Shop::start();
    let other = instance(&shop.database, &[("INSTANCE", "other")]);
    for key in ["k-1", "k-2", "k-3", "k-4", "k-5", "k-6"] {
        let answers = thread::scope(|scope| {
            let request = keyed(key, &order(7, 1));
            let senders: Vec<_> = [&shop.service, &other]
                .into_iter()
                .cycle()
                .take(50)
                .map(|service| {
                    scope.spawn({
                        let request = request.clone();
                        move || service.send(request)
                    })
                })
                .collect();
            senders.into_iter().map(|sender| sender.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(answers[0].status, 201);
        assert!(answers.iter().all(|answer| parts(answer) == parts(&answers[0])));
        let placed = answers.iter().filter(|answer| answer.header("idempotency-replayed").is_none());
        assert_eq!(placed.count(), 1);
    }
    assert_eq!(shop.orders(), "6");
}

#[test]
fn a_key_in_quotation_marks_is_the_key_that_it_quotes() {
    let shop = Shop::start();
    assert_eq!(shop.keyed(r#""k-1""#, &order(7, 1)).status, 201);
    assert_eq!(shop.keyed("k-1", &order(7, 1)).header("idempotency-replayed"), Some("true"));
    assert_eq!(shop.orders(), "1");
}
