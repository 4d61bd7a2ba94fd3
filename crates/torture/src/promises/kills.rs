//! A service, a process of its database or the whole database is killed while clients write.

use std::{sync::Mutex, time::Duration};

use loadgen::{Balance, Ledger};
use testkit::{Redis, eventually};

use crate::{
    ledger_client::while_writing,
    program::Program,
    promise::{Outcome, Promise, Trial},
};

pub const ACKNOWLEDGED_WRITES: Promise = Promise {
    number: 1,
    text: "A write that was acknowledged survives a kill of the service, of a database process, and of the database",
    target: "0 lost, 0 unexpected, 0 doubled in 300 kills",
    test,
};

#[derive(Clone, Copy, Debug)]
enum Victim {
    Service,
    Backend,
    Postmaster,
}

/// How many writes are acknowledged between two kills.
const WRITES_BETWEEN: usize = 20;

fn test(trial: &mut Trial) -> Outcome {
    let of_each = trial.times(25, 1);
    let balances: Vec<_> =
        Program::ALL.into_iter().map(|program| (program, of_one(program, of_each, trial))).collect();
    let sum =
        |count: fn(&Balance) -> usize| balances.iter().map(|(_, balance)| count(balance)).sum::<usize>();
    let broken = balances.iter().filter(|(_, balance)| !balance.holds());
    let details: String =
        broken.map(|(program, balance)| format!("; {}: {balance}", program.name())).collect();
    Outcome {
        done: format!(
            "{} kills: {of_each} each of service, database process and postmaster, in {} services, with {} writes",
            of_each * 3 * Program::ALL.len(),
            Program::ALL.len(),
            sum(|balance| balance.invoked),
        ),
        measured: format!(
            "{} lost, {} unexpected, {} doubled of {} acknowledged and {} unknown{details}",
            sum(|balance| balance.lost.len()),
            sum(|balance| balance.unexpected.len()),
            sum(|balance| balance.doubled.len()),
            sum(|balance| balance.ok),
            sum(|balance| balance.unknown),
        ),
        held: balances.iter().all(|(_, balance)| balance.holds() && balance.ok > 0),
    }
}

fn of_one(program: Program, of_each: usize, trial: &mut Trial) -> Balance {
    let postgres = program.postgres();
    let (database, redis) = (postgres.database("seeded"), Redis::start());
    let mut service = program.start(&database, &redis, &[]);
    let (address, ledger) = (Mutex::new(service.address), Ledger::default());
    let mut victims: Vec<_> = [Victim::Service, Victim::Backend, Victim::Postmaster]
        .into_iter()
        .cycle()
        .take(3 * of_each)
        .collect();
    trial.random.shuffle(&mut victims);
    let mut last = None;
    while_writing(program, &address, &ledger, || {
        for (kills, victim) in victims.into_iter().enumerate() {
            let before = ledger.acknowledged();
            let what =
                format!("{} acknowledges writes after {kills} kills, the last of {last:?}", program.name());
            last = Some(victim);
            eventually(Duration::from_secs(30), &what, || ledger.acknowledged() >= before + WRITES_BETWEEN);
            // Not at the moment at which a client has just had its answer.
            std::thread::sleep(Duration::from_micros(trial.random.u64(0..20_000)));
            match victim {
                Victim::Service => {
                    service.kill();
                    service = program.start(&database, &redis, &[]);
                    *address.lock().expect("nobody panics while holding this") = service.address;
                }
                Victim::Backend => {
                    eventually(Duration::from_secs(10), "a connection is there to be killed", || {
                        postgres.kill_backend()
                    });
                    postgres.wait_until_it_answers();
                }
                Victim::Postmaster => {
                    postgres.kill_postmaster();
                    postgres.restart();
                }
            }
        }
    });
    // What the service still has under way is stored or given up by now.
    drop(service);
    postgres.wait_until_it_answers();
    ledger.balance(database.sql(program.stored()).into_iter().flatten().flatten())
}
