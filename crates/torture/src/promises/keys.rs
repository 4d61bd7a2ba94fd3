//! Many clients send the same request with the same `Idempotency-Key` at the same time.

use std::{iter, thread, time::Duration};

use loadgen::Ledger;
use testkit::{Answer, Redis, Service, exchange};

use crate::{
    program::{Program, post},
    promise::{Outcome, Promise, Trial},
};

pub const SAME_KEY: Promise = Promise {
    number: 2,
    text: "A POST with an `Idempotency-Key` happens once; its replay is the same byte for byte; another body is refused",
    target: "0 doubled of 10,000 requests in each service",
    test,
};

/// Clients that send the same at the same time.
const PARALLEL: usize = 50;

/// The services that know keys.
const PROGRAMS: [Program; 2] = [Program::Orders, Program::Jobs];

fn test(trial: &mut Trial) -> Outcome {
    let keys = trial.times(200, 10);
    let observed: Vec<_> = PROGRAMS.into_iter().map(|program| of_one(program, keys)).collect();
    Outcome {
        done: format!("{PARALLEL} parallel requests for each of {keys} keys, in orders and jobs"),
        measured: observed.iter().map(|of_one| of_one.text.as_str()).collect::<Vec<_>>().join("; "),
        held: observed.iter().all(|of_one| of_one.held),
    }
}

struct Observations {
    text: String,
    held: bool,
}

fn of_one(program: Program, keys: usize) -> Observations {
    let (database, redis) = (program.database(), Redis::start());
    let service = program.start(&database, &redis, &[]);
    let ledger = Ledger::default();
    let (mut different, mut other_bodies) = (0, 0);
    for number in 0..keys {
        let id = format!("{}-0-{number}", program.name());
        ledger.invoked(&id);
        let answers: Vec<_> = thread::scope(|scope| {
            let clients: Vec<_> =
                (0..PARALLEL).map(|_| scope.spawn(|| until_done(&service, &program.write(&id)))).collect();
            clients.into_iter().map(|client| client.join().expect("a client does not panic")).collect()
        });
        if answers.iter().all(|answer| answer.status == 201) {
            ledger.ok(&id);
        }
        different += usize::from(answers.iter().any(|answer| answer.body != answers[0].body));
        let other = exchange(service.address, other_body(program, &id).as_bytes());
        other_bodies += usize::from(!other.is_ok_and(|answer| answer.status == 422));
    }
    drop(service);
    let balance = ledger.balance(database.sql(program.stored()).into_iter().flatten().flatten());
    Observations {
        text: format!(
            "{}: {} lost, {} unexpected, {} doubled, {different} replays differ, {other_bodies} other bodies not refused",
            program.name(),
            balance.lost.len(),
            balance.unexpected.len(),
            balance.doubled.len(),
        ),
        held: balance.holds() && balance.ok == keys && different + other_bodies == 0,
    }
}

/// Sends it again while the service is busy: 50 at once are more than its pool has connections.
fn until_done(service: &Service, request: &str) -> Answer {
    let ask = || {
        let answer = exchange(service.address, request.as_bytes()).expect("the service answers");
        if answer.status == 503 {
            thread::sleep(Duration::from_millis(10));
        }
        answer
    };
    iter::repeat_with(ask).take(500).find(|answer| answer.status != 503).expect("one of 500 comes through")
}

/// Another request with the same key.
fn other_body(program: Program, id: &str) -> String {
    let key = format!("Idempotency-Key: {id}\r\n");
    match program {
        Program::Orders => post("/orders", &key, r#"{"productId": 1, "quantity": 2}"#),
        _ => post("/jobs", &key, r#"{"type": "send_email", "payload": {"id": "another"}}"#),
    }
}
