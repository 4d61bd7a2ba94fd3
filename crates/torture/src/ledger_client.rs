//! Clients that write without pause, wherever the service is at the moment, and keep a ledger.

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use loadgen::Ledger;
use testkit::exchange;

use crate::{end_on_drop::EndOnDrop, program::Program};

/// How many clients write at the same time.
pub const CLIENTS: usize = 8;

/// Where a service is now: it has another port after each start.
pub type Address = Mutex<SocketAddr>;

/// Writes from all clients while `faults` runs, and ends with it.
pub fn while_writing(program: Program, address: &Address, ledger: &Ledger, faults: impl FnOnce()) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let is_over = &is_over;
            scope.spawn(move || {
                for number in (0..).take_while(|_| !is_over.load(Ordering::Relaxed)) {
                    write(program, address, ledger, &format!("{}-{client}-{number}", program.name()));
                }
            });
        }
        let _end = EndOnDrop(&is_over);
        faults();
    });
}

/// Writes once. A 4xx is a refusal; after a 5xx or a broken connection nobody knows.
fn write(program: Program, address: &Address, ledger: &Ledger, id: &str) {
    let to = *address.lock().expect("nobody panics while holding this");
    ledger.invoked(id);
    match exchange(to, program.write(id).as_bytes()) {
        Ok(answer) if answer.status == 201 => ledger.ok(id),
        Ok(answer) if (400..500).contains(&answer.status) => ledger.failed(id),
        // Nobody listens, or the database is away: no storm of attempts.
        Ok(_) | Err(_) => thread::sleep(Duration::from_millis(20)),
    }
}
