//! A server behind nginx is killed, or all are replaced, while clients order and read.

use std::{thread, time::Duration};

use testkit::eventually;

use crate::{
    promise::{Outcome, Promise, Trial},
    shop::{SERVERS, Shop},
};

pub const LOST_INSTANCE: Promise = Promise {
    number: 10,
    text: "Losing an instance is invisible to reads and to orders with a key",
    target: "0 failed of 30,000; 0 lost, 0 doubled",
    test: kill_one_of_three,
};

pub const ROLLING_RESTART: Promise = Promise {
    number: 11,
    text: "A rolling restart fails nothing",
    target: "0 failed of 30,000 in 20 restarts",
    test: replace_all,
};

fn kill_one_of_three(trial: &mut Trial) -> Outcome {
    let shop = Shop::open();
    let (kills, requests) = (trial.times(20, 2), trial.times(30_000, 300));
    let mut victims = SERVERS.into_iter().cycle();
    let load = shop.under_load(trial, kills, requests as u64, |trial| {
        let victim = victims.next().expect("a cycle has no end");
        let before = shop.lab.service(victim)["pid"].clone();
        // The lab gives up a server that crashes again within 10 s of a crash; it is the third's turn in between.
        thread::sleep(Duration::from_millis(trial.random.u64(4_000..5_000)));
        shop.lab.run(&["kill", victim]);
        eventually(Duration::from_secs(20), "the server is started again", || {
            let now = shop.lab.service(victim);
            now["pid"] != before && now["state"] == "ready" && now["answers"] == true
        });
    });
    Outcome {
        done: format!("{} times kill -9 of one of three servers behind nginx, under load", load.faults),
        measured: load.measured(),
        held: load.holds(),
    }
}

fn replace_all(trial: &mut Trial) -> Outcome {
    let shop = Shop::open();
    let (restarts, requests) = (trial.times(20, 1), trial.times(30_000, 300));
    let load = shop.under_load(trial, restarts, requests as u64, |_| {
        shop.lab.run(&["restart", "--rolling"]);
    });
    Outcome {
        done: format!("{} rolling restarts of three servers behind nginx, under load", load.faults),
        measured: load.measured(),
        held: load.holds(),
    }
}
