//! An instance is killed in the middle of orders. Whoever sends theirs again, to another instance, has ordered once.
//!
//! The buyers keep a ledger of keys. Afterwards it is held against the database.

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use loadgen::Ledger;
use testkit::{eventually, exchange};

use crate::{Shop, instance, keyed, order};

const BUYERS: usize = 16;
const KILLS: usize = 5;

/// Orders that are placed before the next kill, by all buyers together.
const ORDERS_PER_KILL: usize = 100;

/// The key of each order that is stored. An order without a key is listed by its own number, which no buyer sent.
const STORED: &str = "SELECT coalesce(key, 'order ' || id) FROM orders
     LEFT JOIN idempotency_keys ON location = '/orders/' || id WHERE id > 1000";

/// Sends one order until there is an answer, each time to whatever instance `address` names then. Returns how often there
/// was none.
fn place(key: &str, product: i64, address: &Mutex<SocketAddr>, ledger: &Ledger) -> usize {
    let request = keyed(key, &order(product, 1));
    ledger.invoked(key);
    for unanswered in 0.. {
        let to = *address.lock().unwrap();
        if let Ok(answer) = exchange(to, request.as_bytes()) {
            assert_eq!(answer.status, 201, "{answer}");
            ledger.ok(key);
            return unanswered;
        }
    }
    unreachable!("the loop ends with an answer")
}

#[test]
fn of_instances_that_are_killed_no_keyed_order_is_lost_and_none_is_placed_twice() {
    let Shop { service, database } = Shop::start();
    let address = Mutex::new(service.address);
    let (ledger, is_over, unanswered) = (Ledger::default(), AtomicBool::new(false), AtomicUsize::new(0));
    let more_are_placed = || {
        let before = ledger.acknowledged();
        eventually(Duration::from_secs(10), "orders are placed", || {
            ledger.acknowledged() >= before + ORDERS_PER_KILL
        });
    };
    thread::scope(|scope| {
        for buyer in 0..BUYERS {
            let (ledger, address, is_over, unanswered) = (&ledger, &address, &is_over, &unanswered);
            scope.spawn(move || {
                for number in (0..).take_while(|_| !is_over.load(Ordering::Relaxed)) {
                    let product = 1 + (buyer * 31 + number) as i64 % 5000;
                    let tries = place(&format!("buyer-{buyer}-{number}"), product, address, ledger);
                    unanswered.fetch_add(tries, Ordering::Relaxed);
                }
            });
        }
        let mut serving = service;
        for _ in 0..KILLS {
            more_are_placed();
            let next = instance(&database, &[]);
            // kill -9, while some 16 orders are under way.
            drop(std::mem::replace(&mut serving, next));
            *address.lock().unwrap() = serving.address;
        }
        more_are_placed();
        is_over.store(true, Ordering::Relaxed);
        // Its instance must live until the last buyer has gone.
        serving
    });
    let balance = ledger.balance(database.sql(STORED).into_iter().flatten().flatten());
    assert!(balance.holds() && balance.ok == balance.invoked, "{balance}");
    assert!(unanswered.into_inner() > 0, "no order was under way when an instance was killed");
}
