//! An instance is killed in the middle of orders. Whoever sends theirs again, to another instance, has ordered once.
//!
//! The buyers keep a ledger: what they sent, and what they know of it. Afterwards it is held against the database.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use testkit::{eventually, exchange};

use crate::{Shop, instance, keyed, order};

const BUYERS: usize = 16;
const KILLS: usize = 5;

/// Orders a buyer is to have placed before the next kill; all together, while the others go on.
const ORDERS_PER_KILL: usize = 100;

#[derive(Default)]
struct Ledger {
    /// Orders that were placed, as their buyers were told: the path of each.
    ok: Mutex<Vec<String>>,
    /// How often a buyer was told nothing and sent the same order again.
    unknown: AtomicUsize,
    invoked: AtomicUsize,
}

impl Ledger {
    /// Sends one order until there is an answer, each time to whatever instance `address` names then.
    fn place(&self, buyer: usize, number: usize, address: &Mutex<SocketAddr>) {
        self.invoked.fetch_add(1, Ordering::Relaxed);
        let product = 1 + (buyer * 31 + number) as i64 % 5000;
        let request = keyed(&format!("buyer-{buyer}-{number}"), &order(product, 1));
        loop {
            let to = *address.lock().unwrap();
            match exchange(to, request.as_bytes()) {
                Ok(answer) => {
                    assert_eq!(answer.status, 201, "{answer}");
                    let path = answer.header("location").unwrap().to_owned();
                    self.ok.lock().unwrap().push(path);
                    return;
                }
                Err(_) => self.unknown.fetch_add(1, Ordering::Relaxed),
            };
        }
    }

    fn ok(&self) -> usize {
        self.ok.lock().unwrap().len()
    }
}

#[test]
fn of_instances_that_are_killed_no_keyed_order_is_lost_and_none_is_placed_twice() {
    let Shop { service, database } = Shop::start();
    let address = Mutex::new(service.address);
    let (ledger, rounds) = (Ledger::default(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for buyer in 0..BUYERS {
            let (ledger, address, rounds) = (&ledger, &address, &rounds);
            scope.spawn(move || {
                let is_over = || rounds.load(Ordering::Relaxed) > KILLS;
                (0..).take_while(|_| !is_over()).for_each(|number| ledger.place(buyer, number, address));
            });
        }
        let mut serving = service;
        for round in 1..=KILLS {
            let enough = round * ORDERS_PER_KILL;
            let placed = ledger.ok();
            eventually(Duration::from_secs(10), "orders are placed", || ledger.ok() > placed.max(enough));
            let next = instance(&database, &[]);
            // kill -9, while some 16 orders are under way.
            drop(std::mem::replace(&mut serving, next));
            *address.lock().unwrap() = serving.address;
            rounds.store(round, Ordering::Relaxed);
        }
        let placed = ledger.ok();
        eventually(Duration::from_secs(10), "orders are placed", || ledger.ok() > placed + ORDERS_PER_KILL);
        rounds.store(KILLS + 1, Ordering::Relaxed);
        // Its instance must live until the last buyer has gone.
        serving
    });
    let present = database.sql("SELECT '/orders/' || id FROM orders WHERE id > 1000");
    let present: BTreeSet<_> = present.into_iter().flatten().flatten().collect();
    let acknowledged: BTreeSet<_> = ledger.ok.into_inner().unwrap().into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&present).collect();
    let unexpected: Vec<_> = present.difference(&acknowledged).collect();
    assert_eq!((lost, unexpected), (vec![], vec![]));
    // Nobody was told of the same order twice, either.
    assert_eq!(acknowledged.len(), ledger.invoked.into_inner());
    assert!(ledger.unknown.into_inner() > 0, "no order was under way when an instance was killed");
}
