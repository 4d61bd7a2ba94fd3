//! More buyers than pieces.

use std::thread;

use testkit::{Redis, exchange};

use crate::{
    program::{Program, post},
    promise::{Outcome, Promise, Trial},
};

pub const LAST_PIECES: Promise = Promise {
    number: 6,
    text: "Stock is never negative, and money is exact",
    target: "of 100 buyers of 10 pieces 10 get 201 and 90 get 409; totals to the cent",
    test,
};

const BUYERS: usize = 100;
const PIECES: usize = 10;

/// The largest price that a product may have: 100 pieces of it just fit 64 bits.
const PRICE_CENTS: i64 = i64::MAX / 100;

fn test(trial: &mut Trial) -> Outcome {
    let rounds = trial.times(100, 3);
    let (database, redis) = (Program::Orders.database(), Redis::start());
    let service = Program::Orders.start(&database, &redis, &[]);
    let (mut bought, mut refused, mut wrong) = (0, 0, 0);
    for _ in 0..rounds {
        let product = trial.random.i64(1..5_000);
        database.sql(&format!(
            "DELETE FROM orders WHERE id > 1000;
             UPDATE products SET stock = {PIECES}, price_cents = {PRICE_CENTS} WHERE id = {product}"
        ));
        let request = post("/orders", "", &format!(r#"{{"productId": {product}, "quantity": 1}}"#));
        let statuses: Vec<_> = thread::scope(|scope| {
            let buyers: Vec<_> = (0..BUYERS)
                .map(|_| scope.spawn(|| exchange(service.address, request.as_bytes()).map(|it| it.status)))
                .collect();
            buyers.into_iter().map(|buyer| buyer.join().expect("a buyer does not panic")).collect()
        });
        let count = |wanted| statuses.iter().filter(|it| it.as_ref().is_ok_and(|it| *it == wanted)).count();
        bought += count(201);
        refused += count(409);
        let stored = database.sql(&format!(
            "SELECT stock = 0 AND (SELECT count(*) = {PIECES} AND sum(total_cents) = {PIECES} * {PRICE_CENTS}::numeric
                                   FROM orders WHERE id > 1000)
             FROM products WHERE id = {product}"
        ));
        wrong += usize::from(stored[0][0].as_deref() != Some("t"));
    }
    Outcome {
        done: format!("{BUYERS} buyers at once of {PIECES} pieces at the highest price, {rounds} times"),
        measured: format!("{bought} got 201, {refused} got 409; stock or money wrong {wrong} times"),
        held: (bought, refused, wrong) == (PIECES * rounds, (BUYERS - PIECES) * rounds, 0),
    }
}
