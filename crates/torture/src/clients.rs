//! Clients that work while something happens to the services.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

/// Runs `count` clients until `event` ends. Each client gets its number, and a flag that becomes true then. Returns what the
/// clients return, and what `event` returns.
///
/// # Panics
/// When `event` or a client does. The clients end in both cases.
pub fn while_clients_run<T: Send, R>(
    count: usize,
    client: impl Fn(usize, &AtomicBool) -> T + Sync,
    event: impl FnOnce() -> R,
) -> (Vec<T>, R) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (client, is_over) = (&client, &is_over);
        let clients: Vec<_> = (0..count).map(|number| scope.spawn(move || client(number, is_over))).collect();
        let end = EndOnDrop(is_over);
        let result = event();
        drop(end);
        let results = clients.into_iter().map(|client| client.join().expect("a client does not panic"));
        (results.collect(), result)
    })
}

/// Sets its flag, also when `event` panics: a scope waits for its threads.
struct EndOnDrop<'a>(&'a AtomicBool);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
