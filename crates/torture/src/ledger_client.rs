//! Clients that write without pause, wherever the service is at the moment, and keep a ledger.

use std::{
    net::SocketAddr,
    sync::{Mutex, atomic::Ordering},
    thread,
    time::Duration,
};

use loadgen::Ledger;
use testkit::exchange;

use crate::{clients::while_clients_run, program::Program};

/// How many clients write at the same time.
const CLIENTS: usize = 8;

/// Where a service is now: it has another port after each start.
pub type Address = Mutex<SocketAddr>;

/// Writes from all clients while `faults` runs, and ends with it.
pub fn while_writing(program: Program, address: &Address, ledger: &Ledger, faults: impl FnOnce()) {
    while_clients_run(
        CLIENTS,
        |client, is_over| {
            for number in (0..).take_while(|_| !is_over.load(Ordering::Relaxed)) {
                write(program, address, ledger, &format!("{}-{client}-{number}", program.name()));
            }
        },
        faults,
    );
}

/// Sends one write. A 4xx means that the service refused it. After a 5xx or a broken connection the client does not know
/// whether it was stored.
fn write(program: Program, address: &Address, ledger: &Ledger, id: &str) {
    let to = *address.lock().expect("nobody panics while holding this");
    ledger.invoked(id);
    match exchange(to, program.write(id).as_bytes()) {
        Ok(answer) if answer.status == 201 => ledger.ok(id),
        Ok(answer) if (400..500).contains(&answer.status) => ledger.failed(id),
        // The service or its database is down. The pause keeps the clients from flooding it.
        Ok(_) | Err(_) => thread::sleep(Duration::from_millis(20)),
    }
}
