//! Clients that send a byte a second.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use testkit::{Redis, exchange};

use crate::{
    program::Program,
    promise::{Outcome, Promise, Trial},
};

pub const SLOW_CLIENTS: Promise = Promise {
    number: 15,
    text: "Slow clients delay no others, and are closed",
    target: "each of 500 closed within 6 s; others answered meanwhile",
    test,
};

const LIMIT: Duration = Duration::from_secs(6);

/// What a slow client has sent before it becomes slow: half a head, or a head and half a body.
const BEGINNINGS: [&str; 2] = [
    "GET /livez HTTP/1.1\r\nHost: torture\r\nX-Padding: ",
    "POST /posts HTTP/1.1\r\nHost: torture\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{\"content\": \"",
];

fn test(trial: &mut Trial) -> Outcome {
    let count = trial.times(500, 100);
    // Side by side: they have nothing in common, and each takes 6 s.
    let observed: Vec<_> = thread::scope(|scope| {
        let services = Program::ALL.map(|program| scope.spawn(move || of_one(program, count)));
        services.map(|service| service.join().expect("the test of a service ends")).into()
    });
    let slowest = observed.iter().map(|of_one| of_one.closed_after).max().unwrap_or_default();
    let longest = observed.iter().map(|of_one| of_one.longest_answer).max().unwrap_or_default();
    let failed: usize = observed.iter().map(|of_one| of_one.failed).sum();
    let answered: usize = observed.iter().map(|of_one| of_one.answered).sum();
    Outcome {
        done: format!(
            "{count} sockets at a byte per second in each of 4 services, half in the head and half in the body"
        ),
        measured: format!(
            "the last closed after {:.1} s; {answered} others answered, {failed} not, in at most {} ms",
            slowest.as_secs_f64(),
            longest.as_millis(),
        ),
        held: slowest <= LIMIT && failed == 0 && answered > 0 && longest < Duration::from_secs(1),
    }
}

struct Observations {
    /// When the last of the slow ones was closed.
    closed_after: Duration,
    answered: usize,
    failed: usize,
    longest_answer: Duration,
}

fn of_one(program: Program, count: usize) -> Observations {
    let (database, redis) = (program.database(), Redis::start());
    let service = program.start(&database, &redis, &[]);
    thread::scope(|scope| {
        let slow: Vec<_> =
            (0..count).map(|number| scope.spawn(move || closed_after(service.address, number))).collect();
        let (mut answered, mut failed, mut longest_answer) = (0, 0, Duration::ZERO);
        while slow.iter().any(|client| !client.is_finished()) {
            let asked = Instant::now();
            let answer = exchange(service.address, b"GET /livez HTTP/1.1\r\nHost: torture\r\n\r\n");
            longest_answer = longest_answer.max(asked.elapsed());
            if answer.is_ok_and(|answer| answer.status == 200) {
                answered += 1
            } else {
                failed += 1
            }
            thread::sleep(Duration::from_millis(20));
        }
        let closed = slow.into_iter().map(|client| client.join().expect("a client does not panic"));
        Observations { closed_after: closed.max().unwrap_or_default(), answered, failed, longest_answer }
    })
}

/// How long the service listens to a client that sends a byte per second; twice the limit when it is still open then.
fn closed_after(address: SocketAddr, number: usize) -> Duration {
    let started = Instant::now();
    let mut stream = TcpStream::connect(address).expect("the service listens");
    let pause = Some(Duration::from_secs(1));
    stream.set_read_timeout(pause).expect("a second is a timeout");
    let mut to_send = BEGINNINGS[number % BEGINNINGS.len()].as_bytes();
    while started.elapsed() < LIMIT * 2 {
        // Closed by the service: the read says so.
        let _ = stream.write_all(to_send);
        to_send = b"x";
        loop {
            match stream.read(&mut [0; 1024]) {
                Ok(0) => return started.elapsed(),
                // Its refusal.
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return started.elapsed(),
            }
        }
    }
    started.elapsed()
}
